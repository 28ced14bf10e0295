/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The glyph cache: an open-addressed table of (font, ink, character) and pages of one size on which glyphs are packed in
 * shelves. When table or pages are full all of it is dropped and fills again; a frame needs far less than that. */
#include "dashboard/draw.h"

#include "base/text.h"

#include <SDL_ttf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_SIZE = 8192, TABLE_FULL = 6000, PAGE_PX = 1024, PAGES_MAX = 24, RANGES = 24, PATH_ROOM = 512 };

struct glyph {
    uint32_t key;                                          /* 0: free */
    int16_t page, x, y, width, height, advance, left, top; /* page -1: nothing to draw */
};
struct page {
    SDL_Texture *texture;
    int x, y, shelf_height;
};

struct pb_draw {
    SDL_Renderer *renderer;
    TTF_Font *fonts[PB_FONT_COUNT];
    char paths[2][PATH_ROOM]; /* regular, bold */
    int line_heights[PB_FONT_COUNT];
    enum pb_theme theme;
    int base_px;
    struct page pages[PAGES_MAX];
    int page_count; /* in use; the textures of the others are kept */
    int glyph_count;
    long glyphs_made;
    pb_text_seen_fn *seen;
    void *user;
    struct glyph table[TABLE_SIZE];
};

static const struct {
    int percent;
    bool is_bold;
} font_rows[PB_FONT_COUNT] = {
    [PB_FONT_SMALL] = {84, false}, [PB_FONT_TEXT] = {100, false}, [PB_FONT_BOLD] = {100, true},
    [PB_FONT_LARGE] = {145, true}, [PB_FONT_HUGE] = {330, true},
};

/* ---- fonts ---- */

static const char *const files[2] = {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf"};
static const char *const folders[] = {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts",
                                      "/usr/share/fonts/dejavu", "/usr/share/fonts/TTF"};

static bool is_font_at(char *ret_path, const char *folder, const char *file) {
    snprintf(ret_path, PATH_ROOM, "%s/%s", folder, file);
    FILE *found = fopen(ret_path, "rb");
    if (found) fclose(found);
    return found != NULL;
}

static enum pb_status find_font(char *ret_path, const char *folder, const char *file, struct pb_error *error) {
    if (folder) {
        if (is_font_at(ret_path, folder, file)) return PB_OK;
    } else
        for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
            if (is_font_at(ret_path, folders[i], file)) return PB_OK;
    return pb_fail(
        error, PB_ERR_NOT_FOUND, 0, folder ? folder : folders[0],
        "found no font %s, expected it there (Debian: apt install fonts-dejavu-core; elsewhere: --fonts FOLDER)", file);
}

static void close_fonts(struct pb_draw *draw) {
    for (int i = 0; i < PB_FONT_COUNT; i++) {
        if (draw->fonts[i]) TTF_CloseFont(draw->fonts[i]);
        draw->fonts[i] = NULL;
    }
}

static enum pb_status open_fonts(struct pb_draw *draw, int base_px, struct pb_error *error) {
    close_fonts(draw);
    for (int i = 0; i < PB_FONT_COUNT; i++) {
        const char *path = draw->paths[font_rows[i].is_bold];
        draw->fonts[i] = TTF_OpenFont(path, (base_px * font_rows[i].percent + 50) / 100);
        if (!draw->fonts[i])
            return pb_fail(error, PB_ERR_IO, 0, path, "found no font that can be read (%s)", TTF_GetError());
        TTF_SetFontHinting(draw->fonts[i], TTF_HINTING_LIGHT);
        draw->line_heights[i] = TTF_FontHeight(draw->fonts[i]);
    }
    return PB_OK;
}

enum pb_status pb_draw_open(SDL_Renderer *renderer, const char *font_folder, struct pb_draw **ret_draw,
                            struct pb_error *error) {
    struct pb_draw *draw = calloc(1, sizeof *draw);
    if (!draw) return pb_fail(error, PB_ERR_MEMORY, 0, "window", "no memory");
    draw->renderer = renderer;
    enum pb_status status = PB_OK;
    if (TTF_Init() != 0) {
        status = pb_fail(error, PB_ERR_IO, 0, "SDL_ttf", "%s", TTF_GetError());
        free(draw);
        return status;
    }
    for (int i = 0; i < 2 && status == PB_OK; i++) status = find_font(draw->paths[i], font_folder, files[i], error);
    if (status == PB_OK) status = pb_draw_set(draw, 14, PB_THEME_DARK, error);
    if (status != PB_OK) {
        pb_draw_close(draw);
        return status;
    }
    *ret_draw = draw;
    return PB_OK;
}

void pb_draw_close(struct pb_draw *draw) {
    if (!draw) return;
    close_fonts(draw);
    for (int i = 0; i < PAGES_MAX; i++)
        if (draw->pages[i].texture) SDL_DestroyTexture(draw->pages[i].texture);
    TTF_Quit();
    free(draw);
}

static void empty_cache(struct pb_draw *draw) {
    memset(draw->table, 0, sizeof draw->table);
    draw->page_count = draw->glyph_count = 0;
}

enum pb_status pb_draw_set(struct pb_draw *draw, int base_px, enum pb_theme theme, struct pb_error *error) {
    base_px = base_px < 8 ? 8 : base_px > 96 ? 96 : base_px;
    if (base_px == draw->base_px && theme == draw->theme) return PB_OK;
    empty_cache(draw);
    draw->theme = theme;
    if (base_px == draw->base_px) return PB_OK;
    draw->base_px = base_px;
    return open_fonts(draw, base_px, error);
}

void pb_draw_watch(struct pb_draw *draw, pb_text_seen_fn *seen, void *user) {
    draw->seen = seen;
    draw->user = user;
}

int pb_draw_unit(const struct pb_draw *draw) { return draw->base_px; }
int pb_draw_hair(const struct pb_draw *draw) { return draw->base_px < 22 ? 1 : draw->base_px / 11; }
int pb_draw_line_height(const struct pb_draw *draw, enum pb_font font) { return draw->line_heights[font]; }
long pb_draw_glyphs_made(const struct pb_draw *draw) { return draw->glyphs_made; }

/* ---- rectangles ---- */

static SDL_Color colour_of(const struct pb_draw *draw, enum pb_ink ink) {
    uint32_t rgb = pb_theme_rgb(draw->theme, ink);
    return (SDL_Color){(Uint8)(rgb >> 16), (Uint8)(rgb >> 8), (Uint8)rgb, 255};
}

static void use_ink(struct pb_draw *draw, enum pb_ink ink) {
    SDL_Color colour = colour_of(draw, ink);
    SDL_SetRenderDrawColor(draw->renderer, colour.r, colour.g, colour.b, 255);
}

void pb_draw_clear(struct pb_draw *draw, enum pb_ink ink) {
    use_ink(draw, ink);
    SDL_RenderClear(draw->renderer);
}

void pb_draw_fill(struct pb_draw *draw, SDL_Rect rect, enum pb_ink ink) {
    if (rect.w <= 0 || rect.h <= 0) return;
    use_ink(draw, ink);
    SDL_RenderFillRect(draw->renderer, &rect);
}

void pb_draw_fill_many(struct pb_draw *draw, const SDL_Rect *rects, int count, enum pb_ink ink) {
    use_ink(draw, ink);
    SDL_RenderFillRects(draw->renderer, rects, count);
}

/* ---- glyphs ---- */

static bool add_page(struct pb_draw *draw) {
    if (draw->page_count == PAGES_MAX) return false;
    struct page *page = &draw->pages[draw->page_count];
    if (!page->texture) {
        page->texture =
            SDL_CreateTexture(draw->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STATIC, PAGE_PX, PAGE_PX);
        if (!page->texture) return false;
        SDL_SetTextureBlendMode(page->texture, SDL_BLENDMODE_BLEND);
    }
    page->x = page->y = page->shelf_height = 0;
    draw->page_count++;
    return true;
}

/* A place on the last page, or on a new one. */
static struct page *find_place(struct pb_draw *draw, int width, int height) {
    if (width > PAGE_PX || height > PAGE_PX) return NULL;
    if (draw->page_count == 0 && !add_page(draw)) return NULL;
    struct page *page = &draw->pages[draw->page_count - 1];
    if (page->x + width > PAGE_PX) {
        page->x = 0;
        page->y += page->shelf_height;
        page->shelf_height = 0;
    }
    if (page->y + height > PAGE_PX) {
        if (!add_page(draw)) return NULL;
        page = &draw->pages[draw->page_count - 1];
    }
    if (height > page->shelf_height) page->shelf_height = height;
    return page;
}

/* The part of a glyph's picture that is not empty: blending is what a frame costs most. */
static SDL_Rect find_inked(const SDL_Surface *surface) {
    int left = surface->w, right = 0, top = surface->h, bottom = 0;
    for (int y = 0; y < surface->h; y++) {
        const uint32_t *row =
            (const uint32_t *)(const void *)((const char *)surface->pixels + (size_t)y * (size_t)surface->pitch);
        for (int x = 0; x < surface->w; x++) {
            if (!(row[x] >> 24)) continue;
            if (x < left) left = x;
            if (x >= right) right = x + 1;
            if (y < top) top = y;
            bottom = y + 1;
        }
    }
    return right ? (SDL_Rect){left, top, right - left, bottom - top} : (SDL_Rect){0, 0, 0, 0};
}

static void render_glyph(struct pb_draw *draw, struct glyph *glyph, enum pb_font font, enum pb_ink ink,
                         uint32_t character) {
    int left = 0, right, bottom, top, advance = 0;
    TTF_Font *face = draw->fonts[font];
    draw->glyphs_made++;
    glyph->page = -1;
    if (TTF_GlyphMetrics32(face, character, &left, &right, &bottom, &top, &advance) != 0) return;
    glyph->advance = (int16_t)advance;
    SDL_Surface *surface = character == ' ' ? NULL : TTF_RenderGlyph32_Blended(face, character, colour_of(draw, ink));
    if (!surface) return;
    const SDL_Rect inked = find_inked(surface);
    struct page *page = inked.w ? find_place(draw, inked.w, inked.h) : NULL;
    if (page) {
        const SDL_Rect at = {page->x, page->y, inked.w, inked.h};
        const char *first =
            (const char *)surface->pixels + (size_t)inked.y * (size_t)surface->pitch + 4 * (size_t)inked.x;
        SDL_UpdateTexture(page->texture, &at, first, surface->pitch);
        page->x += inked.w;
        glyph->page = (int16_t)(page - draw->pages);
        glyph->x = (int16_t)at.x, glyph->y = (int16_t)at.y;
        glyph->width = (int16_t)at.w, glyph->height = (int16_t)at.h;
        glyph->left =
            (int16_t)(inked.x + (left < 0 ? left : 0)); /* the picture begins where the pen is, or left of it */
        glyph->top = (int16_t)inked.y;
    }
    SDL_FreeSurface(surface);
}

static struct glyph *find_glyph(struct pb_draw *draw, enum pb_font font, enum pb_ink ink, uint32_t character) {
    const uint32_t key = 1u << 31 | (uint32_t)font << 27 | (uint32_t)ink << 22 | (character & 0x1fffff);
    uint32_t at = key * 2654435761u >> 19;
    for (; draw->table[at].key; at = (at + 1) % TABLE_SIZE)
        if (draw->table[at].key == key) return &draw->table[at];
    if (draw->glyph_count >= TABLE_FULL || draw->page_count == PAGES_MAX) {
        empty_cache(draw);
        return find_glyph(draw, font, ink, character);
    }
    struct glyph *glyph = &draw->table[at];
    glyph->key = key;
    draw->glyph_count++;
    render_glyph(draw, glyph, font, ink, character);
    return glyph;
}

/* The next character: control characters as blanks, what is not UTF-8 as U+FFFD. */
static uint32_t next_character(const char **text) {
    const unsigned char *c = (const unsigned char *)*text;
    int length = c[0] < 0x80 ? 1 : c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    if (c[0] < 0x80) {
        *text += 1;
        return c[0] < ' ' || c[0] == 0x7f ? ' ' : c[0];
    }
    if (pb_text_utf8_length(*text, strnlen(*text, (size_t)length)) != (size_t)length) {
        *text += 1;
        return 0xfffd;
    }
    *text += length;
    uint32_t character = c[0] & (0x7fu >> length);
    for (int i = 1; i < length; i++) character = character << 6 | (c[i] & 0x3fu);
    return character;
}

/* ---- text ---- */

static const uint32_t ellipsis = 0x2026;

/* Width of text[0..end); end NULL: all of it. */
static int width_of(struct pb_draw *draw, enum pb_font font, enum pb_ink ink, const char *text, const char *end) {
    int width = 0;
    while (*text && text != end) width += find_glyph(draw, font, ink, next_character(&text))->advance;
    return width;
}

int pb_draw_text_width(struct pb_draw *draw, enum pb_font font, const char *text) {
    return width_of(draw, font, PB_INK_TEXT, text, NULL);
}

static void put_glyph(struct pb_draw *draw, const struct glyph *glyph, int x, int y) {
    if (glyph->page < 0) return;
    const SDL_Rect from = {glyph->x, glyph->y, glyph->width, glyph->height};
    const SDL_Rect to = {x + glyph->left, y + glyph->top, glyph->width, glyph->height};
    SDL_RenderCopy(draw->renderer, draw->pages[glyph->page].texture, &from, &to);
}

/* Where a text must end so that it fits, an ellipsis included. */
static const char *cut_at(struct pb_draw *draw, enum pb_font font, enum pb_ink ink, const char *text, const char *end,
                          int room) {
    const char *last = text;
    room -= find_glyph(draw, font, ink, ellipsis)->advance;
    for (const char *at = text; *at && at != end; last = at) {
        room -= find_glyph(draw, font, ink, next_character(&at))->advance;
        if (room < 0) break;
    }
    while (last > text && last[-1] == ' ') last--;
    return room < 0 && last == text ? NULL : last;
}

/* text[0..end) at a height; returns its width. */
static int put_line(struct pb_draw *draw, SDL_Rect box, enum pb_font font, enum pb_ink ink, enum pb_align align,
                    const char *text, const char *end) {
    int width = width_of(draw, font, ink, text, end);
    const bool is_cut = width > box.w;
    if (is_cut) {
        end = cut_at(draw, font, ink, text, end, box.w);
        if (!end) return 0;
        width = width_of(draw, font, ink, text, end) + find_glyph(draw, font, ink, ellipsis)->advance;
    }
    if (width == 0) return 0;
    int x = box.x + (align == PB_ALIGN_RIGHT ? box.w - width : align == PB_ALIGN_CENTRE ? (box.w - width) / 2 : 0);
    const int y = box.y + (box.h - draw->line_heights[font]) / 2;
    if (draw->seen) draw->seen(draw->user, text, (SDL_Rect){x, y, width, draw->line_heights[font]}, is_cut);
    for (const char *at = text; *at && at != end;) {
        const struct glyph *glyph = find_glyph(draw, font, ink, next_character(&at));
        put_glyph(draw, glyph, x, y);
        x += glyph->advance;
    }
    if (is_cut) put_glyph(draw, find_glyph(draw, font, ink, ellipsis), x, y);
    return width;
}

int pb_draw_text(struct pb_draw *draw, SDL_Rect box, enum pb_font font, enum pb_ink ink, enum pb_align align,
                 const char *text) {
    return put_line(draw, box, font, ink, align, text, NULL);
}

void pb_draw_flow(struct pb_draw *draw, SDL_Rect *box, enum pb_font font, enum pb_ink ink, const char *text, int gap) {
    pb_cut_left(box, pb_draw_text(draw, *box, font, ink, PB_ALIGN_LEFT, text) + gap);
}

/* The end of the first line of text: the last blank before which all fits; a word that is too long is broken. */
static const char *line_end(struct pb_draw *draw, int width, enum pb_font font, enum pb_ink ink, const char *text) {
    const char *last_blank = NULL, *before = text;
    for (const char *at = text; *at; before = at) {
        if (*at == ' ') last_blank = at;
        width -= find_glyph(draw, font, ink, next_character(&at))->advance;
        if (width < 0) return last_blank ? last_blank : before > text ? before : at;
    }
    return before;
}

int pb_draw_wrap_lines(struct pb_draw *draw, int width, enum pb_font font, const char *text, int most) {
    int lines = 0;
    while (*text && lines < most) {
        text = line_end(draw, width, font, PB_INK_TEXT, text);
        while (*text == ' ') text++;
        lines++;
    }
    return lines;
}

void pb_draw_wrapped(struct pb_draw *draw, SDL_Rect box, enum pb_font font, enum pb_ink ink, const char *text) {
    const int height = draw->line_heights[font];
    while (*text && box.h >= height) {
        SDL_Rect line = pb_cut_top(&box, height);
        const char *end = box.h >= height ? line_end(draw, line.w, font, ink, text) : NULL;
        put_line(draw, line, font, ink, PB_ALIGN_LEFT, text, end);
        if (!end) return;
        text = end;
        while (*text == ' ') text++;
    }
}

/* ---- boxes ---- */

static int at_most(int wanted, int room) { return wanted < 0 ? 0 : wanted > room ? room : wanted; }

SDL_Rect pb_cut_left(SDL_Rect *box, int width) {
    width = at_most(width, box->w);
    const SDL_Rect piece = {box->x, box->y, width, box->h};
    box->x += width, box->w -= width;
    return piece;
}
SDL_Rect pb_cut_right(SDL_Rect *box, int width) {
    width = at_most(width, box->w);
    box->w -= width;
    return (SDL_Rect){box->x + box->w, box->y, width, box->h};
}
SDL_Rect pb_cut_top(SDL_Rect *box, int height) {
    height = at_most(height, box->h);
    const SDL_Rect piece = {box->x, box->y, box->w, height};
    box->y += height, box->h -= height;
    return piece;
}
SDL_Rect pb_cut_bottom(SDL_Rect *box, int height) {
    height = at_most(height, box->h);
    box->h -= height;
    return (SDL_Rect){box->x, box->y + box->h, box->w, height};
}
SDL_Rect pb_inset(SDL_Rect box, int dx, int dy) {
    dx = at_most(dx, box.w / 2), dy = at_most(dy, box.h / 2);
    return (SDL_Rect){box.x + dx, box.y + dy, box.w - 2 * dx, box.h - 2 * dy};
}
