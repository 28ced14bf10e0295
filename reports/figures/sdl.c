/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figures/sdl.h"

#include <SDL_ttf.h>
#include <stdlib.h>
#include <string.h>

enum { FONTS = 24, TEXTS = 1024, TEXT_ROOM = 160, PROBES = 8 };

struct font {
    TTF_Font *face;
    int px;
    bool is_bold;
};
/* A text that was drawn before; found by hash, the one that would be in its place longest not seen gives way. */
struct kept_text {
    SDL_Texture *texture;
    char text[TEXT_ROOM];
    int px, width, height;
    bool is_bold;
    SDL_Color colour;
    uint64_t seen;
};
struct pb_sdl_painter {
    SDL_Renderer *renderer;
    char paths[2][400];
    struct font fonts[FONTS];
    size_t font_count;
    struct kept_text texts[TEXTS];
    uint64_t now; /* counts texts drawn */
};

struct view {
    float x, y, scale;
    bool is_dark;
};

SDL_Color pb_sdl_colour(enum pb_tone tone, bool is_dark) {
    uint32_t rgb = is_dark ? pb_tone_rows[tone].dark_rgb : pb_tone_rows[tone].light_rgb;
    return (SDL_Color){(Uint8)(rgb >> 16), (Uint8)(rgb >> 8), (Uint8)rgb, 255};
}

/* --- fonts and texts ----------------------------------------------------------------------------------------------------- */

static TTF_Font *find_font(struct pb_sdl_painter *painter, int px, bool is_bold) {
    for (size_t i = 0; i < painter->font_count; i++)
        if (painter->fonts[i].px == px && painter->fonts[i].is_bold == is_bold) return painter->fonts[i].face;
    if (painter->font_count == FONTS) { /* sizes change when a window does: begin anew */
        while (painter->font_count) TTF_CloseFont(painter->fonts[--painter->font_count].face);
    }
    TTF_Font *face = TTF_OpenFont(painter->paths[is_bold], px);
    if (face) painter->fonts[painter->font_count++] = (struct font){face, px, is_bold};
    return face;
}

static uint64_t hash_of(const char *text, int px, bool is_bold, SDL_Color colour) {
    uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)px << 40 ^ (uint64_t)is_bold << 60 ^
                    (uint64_t)(colour.r << 16 | colour.g << 8 | colour.b);
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static bool is_same(const struct kept_text *kept, const char *text, int px, bool is_bold, SDL_Color colour) {
    return kept->texture && kept->px == px && kept->is_bold == is_bold &&
           memcmp(&kept->colour, &colour, sizeof colour) == 0 && strcmp(kept->text, text) == 0;
}

static struct kept_text *find_place(struct pb_sdl_painter *painter, const char *text, int px, bool is_bold,
                                    SDL_Color colour) {
    uint64_t hash = hash_of(text, px, is_bold, colour);
    struct kept_text *oldest = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        struct kept_text *kept = &painter->texts[(hash + i) % TEXTS];
        if (is_same(kept, text, px, is_bold, colour)) return kept;
        if (!oldest || kept->seen < oldest->seen) oldest = kept;
    }
    return oldest;
}

static const struct kept_text *render_text(struct pb_sdl_painter *painter, const char *whole, int px, bool is_bold,
                                           SDL_Color colour) {
    char text[TEXT_ROOM];
    size_t length = strlen(whole);
    if (length >= sizeof text) length = sizeof text - 1;
    while (length && length < strlen(whole) && ((unsigned char)whole[length] & 0xC0) == 0x80) length--;
    memcpy(text, whole, length);
    text[length] = 0;
    struct kept_text *kept = find_place(painter, text, px, is_bold, colour);
    if (!is_same(kept, text, px, is_bold, colour)) {
        TTF_Font *face = find_font(painter, px, is_bold);
        SDL_Surface *surface = face ? TTF_RenderUTF8_Blended(face, text, colour) : NULL;
        SDL_Texture *texture = surface ? SDL_CreateTextureFromSurface(painter->renderer, surface) : NULL;
        if (kept->texture) SDL_DestroyTexture(kept->texture);
        *kept = (struct kept_text){.texture = texture,
                                   .px = px,
                                   .is_bold = is_bold,
                                   .colour = colour,
                                   .width = surface ? surface->w : 0,
                                   .height = surface ? surface->h : 0};
        memcpy(kept->text, text, length + 1);
        SDL_FreeSurface(surface);
        if (!texture) return NULL;
    }
    kept->seen = ++painter->now;
    return kept;
}

static void paint_text(struct pb_sdl_painter *painter, const struct view *view, const struct pb_scene *scene,
                       const struct pb_item *item) {
    int px = (int)lroundf(item->size * view->scale);
    if (px < 4) return;
    const struct kept_text *kept = render_text(painter, pb_scene_item_text(scene, item), px, item->is_bold,
                                               pb_sdl_colour(item->tone, view->is_dark));
    if (!kept) return;
    float x = view->x + item->x * view->scale, y = view->y + item->y * view->scale;
    if (item->side == PB_SIDE_MIDDLE) x -= (float)kept->width / 2;
    if (item->side == PB_SIDE_RIGHT) x -= (float)kept->width;
    TTF_Font *face = find_font(painter, px, item->is_bold);
    SDL_FRect box = {roundf(x), roundf(y) - (float)(face ? TTF_FontAscent(face) : kept->height), (float)kept->width,
                     (float)kept->height};
    SDL_RenderCopyF(painter->renderer, kept->texture, NULL, &box);
}

/* --- lines and areas ----------------------------------------------------------------------------------------------------- */

static void fill_quad(SDL_Renderer *renderer, SDL_Color colour, const SDL_FPoint corners[4]) {
    static const int order[] = {0, 1, 2, 0, 2, 3};
    SDL_Vertex vertices[4];
    for (int i = 0; i < 4; i++) vertices[i] = (SDL_Vertex){corners[i], colour, {0, 0}};
    SDL_RenderGeometry(renderer, NULL, vertices, 4, order, 6);
}

static void fill_fan(SDL_Renderer *renderer, SDL_Color colour, const SDL_FPoint *corners, int count) {
    for (int i = 1; i + 1 < count; i++) {
        SDL_Vertex vertices[3] = {
            {corners[0], colour, {0, 0}}, {corners[i], colour, {0, 0}}, {corners[i + 1], colour, {0, 0}}};
        SDL_RenderGeometry(renderer, NULL, vertices, 3, NULL, 0);
    }
}

static void stroke(SDL_Renderer *renderer, SDL_Color colour, float width, SDL_FPoint a, SDL_FPoint b) {
    float dx = b.x - a.x, dy = b.y - a.y, length = sqrtf(dx * dx + dy * dy);
    if (length < 0.01f) return;
    if (width < 1) width = 1;
    if (fabsf(dx) < 0.01f || fabsf(dy) < 0.01f) { /* upright or level: a rectangle on whole px is sharp */
        float left = fminf(a.x, b.x), top = fminf(a.y, b.y);
        SDL_FRect box =
            fabsf(dx) < 0.01f
                ? (SDL_FRect){roundf(left - width / 2), roundf(top), roundf(width), fmaxf(1, roundf(fabsf(dy)))}
                : (SDL_FRect){roundf(left), roundf(top - width / 2), fmaxf(1, roundf(fabsf(dx))), roundf(width)};
        SDL_SetRenderDrawColor(renderer, colour.r, colour.g, colour.b, colour.a);
        SDL_RenderFillRectF(renderer, &box);
        return;
    }
    float nx = -dy / length * width / 2, ny = dx / length * width / 2;
    fill_quad(renderer, colour,
              (SDL_FPoint[4]){{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}});
}

static SDL_FPoint place(const struct view *view, float x, float y) {
    return (SDL_FPoint){view->x + x * view->scale, view->y + y * view->scale};
}

static void paint_line(SDL_Renderer *renderer, const struct view *view, const struct pb_item *item) {
    SDL_Color colour = pb_sdl_colour(item->tone, view->is_dark);
    SDL_FPoint a = place(view, item->x, item->y), b = place(view, item->x2, item->y2);
    float dx = b.x - a.x, dy = b.y - a.y, length = sqrtf(dx * dx + dy * dy), dash = 4 * view->scale,
          gap = 3 * view->scale;
    if (!item->is_dashed || length < dash) {
        stroke(renderer, colour, item->size * view->scale, a, b);
        return;
    }
    const int dashes = (int)ceilf(length / (dash + gap));
    for (int i = 0; i < dashes; i++) {
        float done = (float)i * (dash + gap), end = fminf(done + dash, length);
        stroke(renderer, colour, item->size * view->scale,
               (SDL_FPoint){a.x + dx * done / length, a.y + dy * done / length},
               (SDL_FPoint){a.x + dx * end / length, a.y + dy * end / length});
    }
}

static void paint_rect(SDL_Renderer *renderer, const struct view *view, const struct pb_item *item) {
    SDL_Color colour = pb_sdl_colour(item->tone, view->is_dark);
    SDL_FPoint corner = place(view, item->x, item->y);
    SDL_FRect box = {corner.x, corner.y, fmaxf(0, item->x2) * view->scale, fmaxf(0, item->y2) * view->scale};
    SDL_SetRenderDrawColor(renderer, colour.r, colour.g, colour.b, colour.a);
    if (item->is_filled) SDL_RenderFillRectF(renderer, &box);
    else SDL_RenderDrawRectF(renderer, &box);
}

static void paint_polyline(SDL_Renderer *renderer, const struct view *view, const struct pb_scene *scene,
                           const struct pb_item *item) {
    const float *xy = pb_scene_item_points(scene, item);
    SDL_Color colour = pb_sdl_colour(item->tone, view->is_dark);
    for (size_t i = 0; i + 1 < item->point_count; i++)
        stroke(renderer, colour, item->size * view->scale, place(view, xy[2 * i], xy[2 * i + 1]),
               place(view, xy[2 * i + 2], xy[2 * i + 3]));
}

static void paint_marker(SDL_Renderer *renderer, const struct view *view, const struct pb_item *item) {
    const struct pb_marker_shape *shape = &pb_marker_shapes[item->marker];
    SDL_Color colour = pb_sdl_colour(item->tone, view->is_dark);
    for (int l = 0; l < shape->line_count; l++) {
        SDL_FPoint points[9];
        int count = shape->lines[l].count;
        for (size_t i = 0; i < (size_t)count; i++)
            points[i] = place(view, item->x + shape->lines[l].xy[2 * i] * item->size,
                              item->y + shape->lines[l].xy[2 * i + 1] * item->size);
        if (shape->is_filled) fill_fan(renderer, colour, points, count); /* all are convex */
        else
            for (int i = 0; i + 1 < count; i++)
                stroke(renderer, colour, (item->size > 11 ? 2.4f : 1.8f) * view->scale, points[i], points[i + 1]);
    }
}

/* --- the whole ----------------------------------------------------------------------------------------------------------- */

void pb_sdl_paint(struct pb_sdl_painter *painter, const struct pb_scene *scene, float x, float y, float scale,
                  bool is_dark) {
    const struct view view = {x, y, scale, is_dark};
    for (size_t i = 0; i < scene->item_count; i++) {
        const struct pb_item *item = &scene->items[i];
        switch (item->kind) {
        case PB_ITEM_LINE: paint_line(painter->renderer, &view, item); break;
        case PB_ITEM_POLYLINE: paint_polyline(painter->renderer, &view, scene, item); break;
        case PB_ITEM_RECT: paint_rect(painter->renderer, &view, item); break;
        case PB_ITEM_TEXT: paint_text(painter, &view, scene, item); break;
        case PB_ITEM_MARKER: paint_marker(painter->renderer, &view, item); break;
        case PB_ITEM_GROUP:
        case PB_ITEM_END: break;
        }
    }
}

enum pb_status pb_sdl_painter_open(SDL_Renderer *renderer, const char *const fonts[2],
                                   struct pb_sdl_painter **ret_painter, struct pb_error *error) {
    struct pb_sdl_painter *painter = calloc(1, sizeof *painter);
    if (!painter) return pb_fail(error, PB_ERR_MEMORY, 0, "figures", "no memory");
    painter->renderer = renderer;
    for (int i = 0; i < 2; i++) {
        SDL_strlcpy(painter->paths[i], fonts[i], sizeof painter->paths[i]);
        if (find_font(painter, 12, i == 1)) continue;
        pb_sdl_painter_close(painter);
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, fonts[i], "found no font that can be read (%s)", TTF_GetError());
    }
    *ret_painter = painter;
    return PB_OK;
}

void pb_sdl_painter_close(struct pb_sdl_painter *painter) {
    if (!painter) return;
    for (size_t i = 0; i < painter->font_count; i++) TTF_CloseFont(painter->fonts[i].face);
    for (size_t i = 0; i < TEXTS; i++)
        if (painter->texts[i].texture) SDL_DestroyTexture(painter->texts[i].texture);
    free(painter);
}
