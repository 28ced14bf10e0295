/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG as of its specification (W3C, third edition): 8-bit RGB, one IDAT, each row with the filter "up". */
#include "dashboard/picture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

static void put_u32(unsigned char *to, uint32_t value) {
    for (int i = 0; i < 4; i++) to[i] = (unsigned char)(value >> (24 - 8 * i));
}

static bool write_chunk(FILE *file, const char *type, const unsigned char *bytes, size_t size) {
    unsigned char head[8], tail[4];
    put_u32(head, (uint32_t)size);
    memcpy(head + 4, type, 4);
    uLong sum = crc32(crc32(0, head + 4, 4), bytes, (uInt)size);
    put_u32(tail, (uint32_t)(size ? sum : crc32(0, head + 4, 4)));
    return fwrite(head, 1, 8, file) == 8 && fwrite(bytes, 1, size, file) == size && fwrite(tail, 1, 4, file) == 4;
}

static void fill_rows(const SDL_Surface *surface, unsigned char *to) {
    for (int y = 0; y < surface->h; y++) {
        const uint32_t *row =
            (const uint32_t *)(const void *)((const char *)surface->pixels + (size_t)y * (size_t)surface->pitch);
        const uint32_t *above = (const uint32_t *)(const void *)((const char *)row - surface->pitch);
        *to++ = 2;
        for (int x = 0; x < surface->w; x++)
            for (int shift = 16; shift >= 0; shift -= 8)
                *to++ = (unsigned char)((row[x] >> shift) - (y ? above[x] >> shift : 0));
    }
}

static bool write_png(FILE *file, const SDL_Surface *surface, unsigned char *rows, size_t rows_size,
                      unsigned char *packed, uLongf packed_size) {
    unsigned char head[13] = {[8] = 8, [9] = 2};
    put_u32(head, (uint32_t)surface->w);
    put_u32(head + 4, (uint32_t)surface->h);
    fill_rows(surface, rows);
    return compress2(packed, &packed_size, rows, rows_size, 6) == Z_OK &&
           fwrite("\x89PNG\r\n\x1a\n", 1, 8, file) == 8 && write_chunk(file, "IHDR", head, sizeof head) &&
           write_chunk(file, "IDAT", packed, packed_size) && write_chunk(file, "IEND", (const unsigned char *)"", 0);
}

static enum pb_status save_png(const SDL_Surface *surface, const char *path, struct pb_error *error) {
    const size_t rows_size = (size_t)surface->h * (1 + 3 * (size_t)surface->w);
    const uLong packed_size = compressBound(rows_size);
    unsigned char *rows = malloc(rows_size), *packed = malloc(packed_size);
    FILE *file = fopen(path, "wb");
    bool is_written = rows && packed && file && write_png(file, surface, rows, rows_size, packed, packed_size);
    if (file && fclose(file) != 0) is_written = false;
    free(rows);
    free(packed);
    return is_written
               ? PB_OK
               : pb_fail(error, PB_ERR_IO, errno, path,
                         "found a place that cannot be written (%s), expected one for the picture", strerror(errno));
}

enum pb_status pb_picture_save(SDL_Surface *surface, const char *path, struct pb_error *error) {
    const size_t length = strlen(path);
    if (length >= 4 && strcasecmp(path + length - 4, ".png") == 0) return save_png(surface, path, error);
    if (SDL_SaveBMP(surface, path) == 0) return PB_OK;
    return pb_fail(error, PB_ERR_IO, 0, path, "found a place that cannot be written (%s), expected one for the picture",
                   SDL_GetError());
}
