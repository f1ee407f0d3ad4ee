/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/svg.c - collects what the picture shows and draws it, by hand, in one self-contained SVG file (svg.h). */
#include "svg.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "cli.h"

#define COLUMNS_MAX 512U
#define ROWS_MAX 64U
#define COLUMN_FRAMES_MIN 512U
#define HEATS 6U

/* Places, in pixels. */
#define WIDTH 1240
#define MAP_X 72.0
#define MAP_WIDTH 1024.0
#define BAR_X (MAP_X + MAP_WIDTH + 14.0)
#define BAR_WIDTH 76.0
#define ROW_HEIGHT 9.0
#define ROW_FILLED 8.0
#define STRIP_HEIGHT 20.0

/* Wide enough for two letters inside. */
#define LETTERS_WIDTH 15.0

/* ------------------------------------------------------------------------------------------------- collect --- */

bool picture_init(struct picture *p, const struct picture_shape *shape)
{
    *p = (struct picture){.column_frames = COLUMN_FRAMES_MIN,
                          .periods = shape->periods,
                          .rows = shape->periods < ROWS_MAX ? shape->periods : ROWS_MAX,
                          .page_shift = shape->page_shift,
                          .levels = shape->levels};
    p->first = shape->first / COLUMN_FRAMES_MIN * COLUMN_FRAMES_MIN;
    while ((shape->end - p->first + p->column_frames - 1) / p->column_frames > COLUMNS_MAX) {
        p->column_frames *= 2;
        p->first = shape->first / p->column_frames * p->column_frames;
    }
    p->columns = (size_t)((shape->end - p->first + p->column_frames - 1) / p->column_frames);
    for (unsigned level = 0; level < shape->levels; level++)
        p->level_frames[level] = shape->level_frames[level];
    p->row = calloc(p->rows, sizeof(*p->row));
    p->dirty = calloc(p->rows * p->columns, sizeof(*p->dirty));
    p->lowest = calloc((p->rows + 1) * p->columns, sizeof(*p->lowest));
    p->largest = calloc((p->rows + 1) * p->columns, sizeof(*p->largest));
    if (p->row != NULL && p->dirty != NULL && p->lowest != NULL && p->largest != NULL)
        return true;
    picture_free(p);
    return false;
}

void picture_free(struct picture *p)
{
    free(p->row);
    free(p->dirty);
    free(p->lowest);
    free(p->largest);
    *p = (struct picture){0};
}

static size_t row_of(const struct picture *p, size_t period)
{
    return period == PICTURE_MERGED ? p->rows : period * p->rows / p->periods;
}

void picture_period(struct picture *p, size_t period, double begin, uint64_t splits)
{
    struct picture_row *row = &p->row[row_of(p, period)];
    const bool fresh = period == 0 || row_of(p, period - 1) != row_of(p, period);

    if (fresh) {
        row->first = period;
        row->begin = begin;
    }
    row->last = period;
    row->splits += splits;
}

void picture_leaf(struct picture *p, size_t period, uint64_t frame, uint64_t frames, unsigned level)
{
    const size_t at = row_of(p, period) * p->columns;
    const size_t first = (size_t)((frame - p->first) / p->column_frames);
    const size_t last = (size_t)((frame + frames - 1 - p->first) / p->column_frames);

    for (size_t i = at + first; i <= at + last; i++) {
        if (p->lowest[i] == 0 || level + 1U < p->lowest[i])
            p->lowest[i] = (uint8_t)(level + 1U);
        if (level + 1U > p->largest[i])
            p->largest[i] = (uint8_t)(level + 1U);
    }
}

void picture_dirty(struct picture *p, size_t period, uint64_t frame)
{
    const size_t row = row_of(p, period);

    p->dirty[row * p->columns + (size_t)((frame - p->first) / p->column_frames)]++;
    p->row[row].dirty++;
}

/* ---------------------------------------------------------------------------------------------------- draw --- */

static void print_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            (void)fputs("&lt;", out);
        else if (*text == '&')
            (void)fputs("&amp;", out);
        else if (*text == '>')
            (void)fputs("&gt;", out);
        else if (*text < ' ' || *text > '~')
            (void)fputc('?', out); /* part of a file's name, in who knows what encoding */
        else
            (void)fputc(*text, out);
    }
}

static double column_x(const struct picture *p, size_t column)
{
    return MAP_X + MAP_WIDTH * (double)column / (double)p->columns;
}

static void print_style(FILE *out)
{
    /* Leaf sizes: colours of Okabe and Ito. Heat: lightness rises or falls all the way. Each rule names its colour
     * twice, for viewers that know no variables. */
    static const char *const light[] = {"#e69f00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"};
    static const char *const heat[] = {"#fbd98d", "#f8a65f", "#e8695f", "#b63679", "#721f81", "#2d1160"};
    static const char *const dark_leaf[] = {"#f0b429", "#3f8fd0", "#1fb58a", "#d996bb", "#8fd0f5", "#f0803c"};
    static const char *const dark_heat[] = {"#4a2a7a", "#862a8c", "#c43c75", "#f0685f", "#fcae78", "#fcf6b8"};

    (void)fputs("<style>\n:root{--bg:#ffffff;--ink:#1f2328;--dim:#59636e;--grid:#eaeef2;--bar:#8c959f", out);
    for (unsigned i = 0; i < PICTURE_LEVELS; i++)
        (void)fprintf(out, ";--l%u:%s;--h%u:%s", i, light[i], i, heat[i]);
    (void)fputs("}\n@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#e6edf3;--dim:#9198a1;--grid:#1c2128;"
                "--bar:#656c76",
                out);
    for (unsigned i = 0; i < PICTURE_LEVELS; i++)
        (void)fprintf(out, ";--l%u:%s;--h%u:%s", i, dark_leaf[i], i, dark_heat[i]);
    (void)fputs(
        "}}\ntext{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;font-size:11px;"
        "fill:#1f2328;fill:var(--ink)}\n.t{font-size:21px;font-weight:600}\n.p{font-size:14px;font-weight:600}\n"
        ".d{fill:#59636e;fill:var(--dim)}\n.n{font-size:8.5px;fill:#59636e;fill:var(--dim)}\n"
        ".e{text-anchor:end}.m{text-anchor:middle}\n.on{fill:#ffffff;font-size:10px;font-weight:600}\n"
        ".k{fill:#1f2328;font-size:10px;font-weight:600}\n"
        ".bg{fill:#ffffff;fill:var(--bg)}\n.g{fill:#eaeef2;fill:var(--grid)}\n.b{fill:#8c959f;fill:var(--bar)}\n"
        ".x{stroke:#8c959f;stroke:var(--bar);stroke-width:1}\n",
        out);
    for (unsigned i = 0; i < PICTURE_LEVELS; i++)
        (void)fprintf(out, ".l%u{fill:%s;fill:var(--l%u)}.h%u{fill:%s;fill:var(--h%u)}\n", i, light[i], i, i, heat[i],
                      i);
    (void)fputs("</style>\n", out);
}

static void print_text(FILE *out, double x, double y, const char *class, const char *text)
{
    (void)fprintf(out, "<text x=\"%g\" y=\"%g\" class=\"%s\">", x, y, class);
    print_escaped(out, text);
    (void)fputs("</text>\n", out);
}

/* A panel's name and, in the same line, what one has to know to read it. */
static void print_heading(FILE *out, double y, const char *name, const char *explanation)
{
    (void)fprintf(
        out, "<text x=\"%g\" y=\"%g\"><tspan class=\"p\">%s</tspan><tspan class=\"d\" dx=\"12\">%s</tspan></text>\n",
        MAP_X, y, name, explanation);
}

/* "boot", "round 7" or "rounds 7 to 9". */
static void row_name(const struct picture_row *row, char out[64])
{
    if (row->last == 0)
        (void)snprintf(out, 64, "boot");
    else if (row->first == row->last)
        (void)snprintf(out, 64, "round %zu, from %.1f s", row->first, row->begin);
    else
        (void)snprintf(out, 64, "rounds %zu to %zu, from %.1f s", row->first, row->last, row->begin);
}

static void level_name(const struct picture *p, unsigned level, char out[CLI_SIZE_CHARS])
{
    cli_size(p->level_frames[level] << p->page_shift, out);
}

/* A rectangle over columns [from, to), up to its <title>, which begins with the row and the addresses. */
static void open_cell(const struct picture *p, FILE *out, const char *class, unsigned number, double y, size_t row,
                      size_t from, size_t to)
{
    char name[64] = "after the last merge";

    if (row < p->rows)
        row_name(&p->row[row], name);
    (void)fprintf(
        out,
        "<rect class=\"%s%u\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"><title>%s: 0x%" PRIx64 " to 0x%" PRIx64 ": ",
        class, number, column_x(p, from), y, column_x(p, to) - column_x(p, from),
        row < p->rows ? ROW_FILLED : STRIP_HEIGHT, name, (p->first + from * p->column_frames) << p->page_shift,
        ((p->first + to * p->column_frames) << p->page_shift) - 1);
}

static void draw_leaf_run(const struct picture *p, FILE *out, double y, size_t row, size_t from, size_t to,
                          unsigned level)
{
    char size[CLI_SIZE_CHARS];

    level_name(p, level, size);
    open_cell(p, out, "l", level, y, row, from, to);
    (void)fprintf(out, "%s leaves</title></rect>\n", size);
}

/* The size in letters; only the high strip has room for them. */
static void draw_leaf_letters(const struct picture *p, FILE *out, double y, size_t row, size_t from, size_t to)
{
    const unsigned level = p->lowest[row * p->columns + from] - 1U;
    char size[CLI_SIZE_CHARS];

    if (row < p->rows || column_x(p, to) - column_x(p, from) < LETTERS_WIDTH)
        return;
    level_name(p, level, size);
    print_text(out, (column_x(p, from) + column_x(p, to)) / 2, y + 14, level == 0 ? "k m" : "on m", size);
}

/* The end of the run of columns whose leaves have the same size, and the largest leaf in the mapped run. */
static size_t same_end(const uint8_t *lowest, size_t from, size_t columns)
{
    size_t to = from + 1;

    while (to < columns && lowest[to] == lowest[from])
        to++;
    return to;
}

/* A mapped run is drawn in the colour of its largest leaves first, then what is smaller over it: long runs stay one
 * rectangle although single blocks of them are split. */
static void draw_leaf_row(const struct picture *p, FILE *out, double y, size_t row)
{
    const uint8_t *lowest = p->lowest + row * p->columns;
    const uint8_t *largest = p->largest + row * p->columns;
    size_t end = 0;

    for (size_t from = 0; from < p->columns; from = end) {
        uint8_t top = lowest[from];

        end = from + 1;
        if (top == 0)
            continue;
        for (end = from; end < p->columns && lowest[end] != 0; end++)
            top = largest[end] > top ? largest[end] : top;
        draw_leaf_run(p, out, y, row, from, end, top - 1U);
        for (size_t i = from; i < end; i = same_end(lowest, i, end)) {
            if (lowest[i] != top)
                draw_leaf_run(p, out, y, row, i, same_end(lowest, i, end), lowest[i] - 1U);
            draw_leaf_letters(p, out, y, row, i, same_end(lowest, i, end));
        }
    }
}

/* The most pages that a heat stands for: 1, then 1/128, 1/32, 1/8, 1/2 of a column and all of it. */
static uint64_t heat_most(const struct picture *p, unsigned heat)
{
    return heat == 0 ? 1 : p->column_frames >> (2 * (HEATS - 1 - heat) - (heat == HEATS - 1 ? 0U : 1U));
}

static unsigned heat_of(const struct picture *p, uint32_t dirty)
{
    unsigned heat = 0;

    while (heat < HEATS - 1 && dirty > heat_most(p, heat))
        heat++;
    return heat;
}

static void draw_dirty_row(const struct picture *p, FILE *out, double y, size_t row)
{
    for (size_t i = 0; i < p->columns; i++) {
        const uint32_t dirty = p->dirty[row * p->columns + i];

        if (dirty == 0)
            continue;
        open_cell(p, out, "h", heat_of(p, dirty), y, row, i, i + 1);
        (void)fprintf(out, "%" PRIu32 " of %" PRIu64 " pages written</title></rect>\n", dirty, p->column_frames);
    }
}

/* A bar beside a row, `part` of the widest, with its number. */
static void draw_bar(FILE *out, double y, double part, uint64_t value)
{
    if (value == 0)
        return;
    (void)fprintf(out,
                  "<rect class=\"b\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>"
                  "<text x=\"%g\" y=\"%g\" class=\"n\">%" PRIu64 "</text>\n",
                  BAR_X, y, BAR_WIDTH * part, ROW_FILLED, BAR_X + BAR_WIDTH * part + 4, y + ROW_FILLED - 0.8, value);
}

static void draw_row_names(const struct picture *p, FILE *out, double y)
{
    for (size_t row = 0; row < p->rows; row++) {
        char name[32] = "boot";

        if (row % 5 != 0)
            continue;
        if (p->row[row].first > 0)
            (void)snprintf(name, sizeof(name), "%zu", p->row[row].first);
        print_text(out, MAP_X - 8, y + (double)row * ROW_HEIGHT + ROW_FILLED, "d e", name);
    }
}

/* The ground of a panel, lines at round addresses over it, and their names below. */
static void draw_ground(const struct picture *p, FILE *out, double y, double height)
{
    const uint64_t frames = p->columns * p->column_frames;
    uint64_t step = 1;

    while (step * 9 < frames)
        step *= 2;
    (void)fprintf(out, "<rect class=\"g\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", MAP_X, y, MAP_WIDTH,
                  height);
    for (uint64_t at = (p->first + step - 1) / step * step; at <= p->first + frames; at += step) {
        const double x = MAP_X + MAP_WIDTH * (double)(at - p->first) / (double)frames;
        char size[CLI_SIZE_CHARS];

        cli_size(at << p->page_shift, size);
        (void)fprintf(out, "<path class=\"x\" d=\"M%g %gv4\"/>", x, y + height);
        print_text(out, x, y + height + 15, "d m", size);
    }
}

static void draw_square(FILE *out, double x, double y, double width, const char *class, const char *letters,
                        const char *meaning)
{
    (void)fprintf(out, "<rect class=\"%s\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"14\" rx=\"2\"/>", class, x, y - 11,
                  width);
    print_text(out, x + width / 2, y, class[0] == 'l' && class[1] != '0' ? "on m" : "k m", letters);
    print_text(out, x + width + 5, y, "d", meaning);
}

static bool level_in_use(const struct picture *p, unsigned level)
{
    for (size_t i = 0; i < (p->rows + 1) * p->columns; i++) {
        if (p->lowest[i] == level + 1 || p->largest[i] == level + 1)
            return true;
    }
    return false;
}

static double draw_leaf_panel(const struct picture *p, FILE *out, double y)
{
    const double rows_y = y + 12 + STRIP_HEIGHT + 6;
    double x = MAP_X + MAP_WIDTH - 100;
    uint64_t most = 1;

    print_heading(out, y, "Leaves when each round ended",
                  "a write into a large leaf splits its block, the end of the round merges it back");
    draw_square(out, x, y, 24, "g", "", "not mapped");
    for (unsigned level = p->levels; level-- > 0;) {
        char size[CLI_SIZE_CHARS];
        const char class[] = {'l', (char)('0' + level), '\0'};

        if (!level_in_use(p, level))
            continue;
        x -= 72;
        level_name(p, level, size);
        draw_square(out, x, y, 24, class, size, "leaves");
    }
    print_text(out, BAR_X, y, "d", "leaves split");
    print_text(out, MAP_X - 8, y + 26, "d e", "merged");
    draw_ground(p, out, rows_y, (double)p->rows * ROW_HEIGHT);
    (void)fprintf(out, "<rect class=\"g\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", MAP_X, y + 12, MAP_WIDTH,
                  STRIP_HEIGHT);
    draw_leaf_row(p, out, y + 12, p->rows);
    draw_row_names(p, out, rows_y);
    for (size_t row = 0; row < p->rows; row++)
        most = p->row[row].splits > most ? p->row[row].splits : most;
    for (size_t row = 0; row < p->rows; row++) {
        draw_leaf_row(p, out, rows_y + (double)row * ROW_HEIGHT, row);
        draw_bar(out, rows_y + (double)row * ROW_HEIGHT, (double)p->row[row].splits / (double)most, p->row[row].splits);
    }
    return rows_y + (double)p->rows * ROW_HEIGHT;
}

static void draw_heat_legend(const struct picture *p, FILE *out, double y)
{
    double x = MAP_X + MAP_WIDTH - HEATS * 74;

    for (unsigned heat = 0; heat < HEATS; heat++) {
        const uint64_t least = heat == 0 ? 1 : heat_most(p, heat - 1) + 1;
        const char class[] = {'h', (char)('0' + heat), '\0'};
        char range[48];

        if (least == heat_most(p, heat))
            (void)snprintf(range, sizeof(range), "%" PRIu64, least);
        else
            (void)snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, least, heat_most(p, heat));
        draw_square(out, x, y, 20, class, "", range);
        x += 74;
    }
}

static double draw_dirty_panel(const struct picture *p, FILE *out, double y)
{
    const double rows_y = y + 12;
    char cell[96], size[CLI_SIZE_CHARS];
    uint64_t most = 1;

    cli_size(p->column_frames << p->page_shift, size);
    (void)snprintf(cell, sizeof(cell), "a cell is %s in one round; the boot counts whole leaves", size);
    print_heading(out, y, "Pages written in each round", cell);
    draw_heat_legend(p, out, y);
    print_text(out, BAR_X, y, "d", "pages (log scale)");
    draw_ground(p, out, rows_y, (double)p->rows * ROW_HEIGHT);
    draw_row_names(p, out, rows_y);
    for (size_t row = 0; row < p->rows; row++)
        most = p->row[row].dirty > most ? p->row[row].dirty : most;
    for (size_t row = 0; row < p->rows; row++) {
        draw_dirty_row(p, out, rows_y + (double)row * ROW_HEIGHT, row);
        draw_bar(out, rows_y + (double)row * ROW_HEIGHT,
                 log2(1.0 + (double)p->row[row].dirty) / log2(1.0 + (double)most), p->row[row].dirty);
    }
    return rows_y + (double)p->rows * ROW_HEIGHT;
}

bool picture_write(const struct picture *p, const struct picture_text *text, FILE *out)
{
    const double height = 100 + 38 + 2 * (double)p->rows * ROW_HEIGHT + 70 + 40;
    double y = 104;

    (void)fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %g\" width=\"%d\" height=\"%g\" role=\"img\">\n"
        "<title>",
        WIDTH, height, WIDTH, height);
    print_escaped(out, text->title);
    (void)fputs("</title>\n", out);
    print_style(out);
    (void)fputs("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n", out);
    print_text(out, MAP_X, 36, "t", text->title);
    print_text(out, MAP_X, 57, "d", text->subtitle);
    print_text(out, MAP_X, 74, "d", text->verdict);
    y = draw_leaf_panel(p, out, y);
    (void)draw_dirty_panel(p, out, y + 56);
    (void)fputs("</svg>\n", out);
    return ferror(out) == 0 && fflush(out) == 0;
}
