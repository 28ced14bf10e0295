/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTML report's parts. Inside reports/ only. */
#ifndef PB_REPORTS_HTML_H
#define PB_REPORTS_HTML_H

#include "reports/figures/markup.h"
#include "reports/report.h"
#include "reports/story.h"

struct pb_html {
    struct pb_markup markup;
    struct pb_reader *reader;
    const struct pb_summary *summary;
    const struct pb_report_facts *facts;
    struct pb_story story;
    struct pb_story_tracks tracks;
    struct pb_verify_result verify;
    bool is_changed;  /* verify found that the record is not what was written */
    int figure_count; /* for ids */
    struct pb_error *error;
    enum pb_status status; /* the first thing that went wrong */
};

/* The page's style sheet (html_style.c). */
extern const char *const pb_html_style;

/* html.c: pieces that every part uses. */
void pb_html_verdict(struct pb_html *html, enum pb_verdict verdict, const char *word);
/* A stranger's text, isolated from the direction of what is around it. */
void pb_html_foreign(struct pb_html *html, const char *text);
/* Opens a box that scrolls sideways, with a name for readers; end it once. */
void pb_html_begin_scroll(struct pb_html *html, const char *label);
/* Writes the scene, frees it. */
void pb_html_figure(struct pb_html *html, struct pb_scene *scene);
/* The same in such a box. */
void pb_html_scroll_figure(struct pb_html *html, const char *label, struct pb_scene *scene);
/* Opens a section with its heading; end it once. */
void pb_html_begin_section(struct pb_html *html, const char *id, const char *title);
/* Opens such a box and in it a table with its column heads (numeric: a bit for each that stands above figures); end it twice. */
void pb_html_begin_table(struct pb_html *html, const char *label, const char *class, const char *const *heads,
                         size_t count, unsigned numeric);
/* "c2-s14", "c2": ids of places in the page. */
void pb_html_case_id(const struct pb_summary_case *of, char *ret_text, size_t size);
const struct pb_summary_case *pb_html_case_of(const struct pb_summary *summary, int32_t case_no);
const struct pb_summary_step *pb_html_step_of(const struct pb_summary *summary, const struct pb_summary_check *check);
/* Was anything of the step seen? */
bool pb_html_is_reached(const struct pb_summary_step *step);
/* "EVSE", "Customer". */
const char *pb_html_actor_label(const char *actor, char *ret_text, size_t size);
/* Is the actor one that is under test? */
bool pb_html_is_dut(const struct pb_html *html, const char *actor);

/* html_case.c: sequence diagram, timing chart, table. */
void pb_html_write_case(struct pb_html *html, const struct pb_summary_case *of);
/* html_duty.c: current against duty, where the case announced several duties to a vehicle. */
void pb_html_write_duty(struct pb_html *html, const struct pb_summary_case *of);
/* html_failure.c: the checks that did not pass, worst first; and what was not judged. */
void pb_html_write_failures(struct pb_html *html);
void pb_html_write_not_judged(struct pb_html *html);
/* A check's bar. */
void pb_html_limit_bar(struct pb_html *html, const struct pb_summary_check *check, bool is_large);

#endif
