/* The parts of an adduct: signed multiples of formulas, and formulas to their elements. */
#ifndef SPECTRADB_ADDUCT_PARTS_H
#define SPECTRADB_ADDUCT_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "adducts/elements.h"

/* Longer texts are no adducts. */
#define LONGEST_ADDUCT 500

/* What the gains and losses of an ion come to. */
struct gains {
    double net[N_ELEMENTS]; /* atoms by element, in the order of ELEMENTS */
    double implied_charge;
    double acids; /* neutral acids that are gained as a whole name: FA, HAc, TFA */
};

/* Add what a chain such as "+H-2(H2O)" gains and loses; false where it cannot be read. The text is not changed. */
bool add_terms(const char *text, int length, double times, struct gains *gains);

/* Place of an element in ELEMENTS, -1 for none. */
int element_place(const char *symbol, int length);

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool is_letter(char c) { return is_upper(c) || is_lower(c); }
static inline bool is_sign(char c) { return c == '+' || c == '-'; }

#endif
