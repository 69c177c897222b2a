/* udfs/adducts.py in C: the text of an adduct, before its parts are read. */
#include "adducts/adduct_text.h"

uint32_t next_character(const unsigned char *text, uint32_t length, uint32_t *place) {
    unsigned char first = text[(*place)++];
    int more = first < 0x80 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : -1;
    if (more < 0 || *place + (uint32_t)more > length)
        return 0xFFFD;
    uint32_t character = more == 0 ? first : first & (0x3Fu >> more);
    while (more--)
        character = character << 6 | (text[(*place)++] & 0x3F);
    return character;
}

char plain_character(uint32_t c) {
    if (c == 0x2022 || c == 0xB7 || c == 0x2D9 || c == 0x2219 || c == '*' || c == '^' || c == '\t')
        return 0; /* marks of radicals */
    if (c == 0x2212 || c == 0x2013 || c == 0x2014 || c == 0x2010 || c == 0x207B)
        return '-';
    if (c == 0x207A)
        return '+';
    if (c == 0xB9 || c == 0xB2 || c == 0xB3)
        return c == 0xB9 ? '1' : (char)('0' + (c - 0xB0));
    if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079))
        return (char)('0' + (c - 0x2070));
    if (c >= 0x2080 && c <= 0x2089)
        return (char)('0' + (c - 0x2080));
    bool is_blank = (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                    (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    return is_blank ? ' ' : c < 0x80 && c > 1 ? (char)c : 1;
}

struct text stripped(const struct text *text) {
    int from = 0, to = text->length;
    while (from < to && text->at[from] == ' ')
        from++;
    while (to > from && text->at[to - 1] == ' ')
        to--;
    return part_of(text, from, to);
}

/* Where a charge of the form 2+ or +2 at the end begins; -1 for none. */
static int charge_at_end(const struct text *text) {
    int end = text->length;
    if (is_sign(at(text, end - 1)) && is_digit(at(text, end - 2)))
        return is_digit(at(text, end - 3)) ? end - 3 : end - 2;
    if (!is_digit(at(text, end - 1)))
        return -1;
    int digits = is_digit(at(text, end - 2)) ? 2 : 1;
    return is_sign(at(text, end - digits - 1)) ? end - digits - 1 : -1;
}

int charge_apart(const struct text *part) {
    int start = charge_at_end(part), blank = start;
    if (start > 0 && at(part, start - 1) != ' ' && is_digit(at(part, start)) && is_digit(at(part, start - 1)))
        return -1;
    while (blank > 0 && part->at[blank - 1] == ' ')
        blank--;
    if (start < 0 || blank == start || !(is_word(at(part, blank - 1)) || at(part, blank - 1) == ')'))
        return -1;
    for (int i = 0; i < blank; i++)
        if (part->at[i] == '[' || part->at[i] == ']')
            return -1;
    return blank;
}

bool without_blanks(const struct text *part, struct text *result) {
    struct text joined = {.length = 0};
    for (int i = 0; i < part->length;) {
        char before = at(part, i - 1);
        if (i == 0 || before == ' ' || before == '+' || before == '[' || before == '(' || before == '-') {
            int digits = i, blank, end;
            while (at(part, digits) == ' ')
                digits++;
            for (blank = digits; is_digit(at(part, blank));)
                blank++;
            for (end = blank; at(part, end) == ' ';)
                end++;
            if (blank > digits && end > blank && (is_letter(at(part, end)) || at(part, end) == '(')) {
                memcpy(joined.at + joined.length, part->at + i, (size_t)(blank - i));
                joined.length += blank - i;
                i = end;
                continue;
            }
        }
        joined.at[joined.length++] = part->at[i++];
    }
    struct text dotless = {.length = 0};
    for (int i = 0; i < joined.length; i++)
        if (joined.at[i] != '.' || (is_word(at(&joined, i - 1)) && is_word(at(&joined, i + 1))))
            dotless.at[dotless.length++] = joined.at[i];
    result->length = 0;
    for (int i = 0; i < dotless.length; i++) {
        char c = dotless.at[i];
        if (c == '.')
            return false;
        if (c != ' ') {
            result->at[result->length++] = c;
            continue;
        }
        int end = i;
        while (at(&dotless, end) == ' ')
            end++;
        char before = at(&dotless, i - 1), after = at(&dotless, end);
        if ((is_word(before) || before == ')') && (is_word(after) || after == '('))
            return false;
    }
    return true;
}

int molecule_end(const struct text *text, int place) {
    for (int n = 0; n < 2 && is_digit(at(text, place)); n++)
        place++;
    if (at(text, place) == 'M' || at(text, place) == 'm')
        return place + 1;
    bool is_cation = (at(text, place) == 'C' || at(text, place) == 'c') && at(text, place + 1) == 'a' && at(text, place + 2) == 't';
    return is_cation ? place + 3 : -1;
}

void open_charge(struct text *part) {
    int close = part->length - 1, open = close - 1;
    if (at(part, close) != ')')
        return;
    while (open >= 0 && (is_digit(part->at[open]) || is_sign(part->at[open])))
        open--;
    if (at(part, open) != '(')
        return;
    int inner = close - open - 1, digits = 0, signs = 0;
    while (digits < inner && is_digit(part->at[open + 1 + digits]))
        digits++;
    while (digits + signs < inner && is_sign(part->at[open + 1 + digits + signs]))
        signs++;
    bool is_before = digits <= 2 && signs > 0 && digits + signs == inner;
    bool is_after = digits == 0 && signs == 1 && (inner == 2 || inner == 3);
    for (int i = 1; is_after && i < inner; i++)
        is_after = is_digit(part->at[open + 1 + i]);
    if (!is_before && !is_after)
        return;
    memmove(part->at + open, part->at + open + 1, (size_t)inner);
    part->length -= 2;
}

void enclose(struct text *part) {
    int place = at(part, 0) == '(' ? molecule_end(part, 1) : -1;
    if (place < 0)
        return;
    while (place < part->length && part->at[place] != ')') {
        if (part->at[place] == '(') {
            int close = place + 1;
            while (close < part->length && part->at[close] != '(' && part->at[close] != ')')
                close++;
            if (at(part, close) != ')')
                return;
            place = close;
        }
        place++;
    }
    if (place >= part->length)
        return;
    part->at[0] = '[';
    part->at[place] = ']';
}
