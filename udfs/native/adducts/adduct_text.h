/* The text of an adduct: its characters in ASCII, its blanks and brackets, and where its charge and its molecule are. */
#ifndef SPECTRADB_ADDUCT_TEXT_H
#define SPECTRADB_ADDUCT_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "adducts/adduct_parts.h"

struct text {
    char at[LONGEST_ADDUCT + 8];
    int length;
};

static inline struct text part_of(const struct text *text, int from, int to) {
    struct text part = {.length = to > from ? to - from : 0};
    memcpy(part.at, text->at + from, (size_t)part.length);
    return part;
}

static inline char at(const struct text *text, int place) {
    return place >= 0 && place < text->length ? text->at[place] : 0;
}

static inline bool is_word(char c) { return is_letter(c) || is_digit(c); }

/* The next character of UTF-8; 0xFFFD for what is none. */
uint32_t next_character(const unsigned char *text, uint32_t length, uint32_t *place);

/* ASCII for a character: signs, digits above and below the line, blanks. 0 to leave it out, 1 for what no adduct has. */
char plain_character(uint32_t c);

/* Without the blanks at both ends. */
struct text stripped(const struct text *text);

/* "M+2H 2+": the charge after a blank, without brackets before it; where the blanks begin, -1 for none. */
int charge_apart(const struct text *part);

/* Take off blanks and the dots of radicals where they part nothing; false where they do. */
bool without_blanks(const struct text *part, struct text *result);

/* M, m, Cat or cat after up to two digits; where it ends, -1 for none. */
int molecule_end(const struct text *text, int place);

/* "(M+2+)" at the end of a text: the charge without its parentheses. */
void open_charge(struct text *part);

/* "(M+H)+" as "[M+H]+". */
void enclose(struct text *part);

#endif
