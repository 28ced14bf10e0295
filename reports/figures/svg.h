/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenes as SVG elements inside an HTML page. Text stays text. */
#ifndef PB_FIGURES_SVG_H
#define PB_FIGURES_SVG_H

#include "reports/figures/markup.h"
#include "reports/figures/scene.h"

/* id: unique in the page. The style sheet pb_svg_write_style() must be in the page. */
void pb_svg_write(struct pb_markup *markup, const struct pb_scene *scene, const char *id);
/* Custom properties of the tones for light and dark (also on their own, for the page's other rules), and the classes of figures. */
void pb_svg_write_style(struct pb_markup *markup);

#endif
