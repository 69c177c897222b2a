/* udfs/adduct_parts.py in C: the same readings and the same refusals, where a refusal has no words. */
#include "adducts/adduct_parts.h"

#include <math.h>
#include <string.h>

/* Counts beyond this would lose digits; no adduct comes near. */
#define LARGEST_COUNT 1e15
#define DEEPEST_GROUP 40

struct named {
    const char *name, *formula;
};

static const struct named ABBREVIATIONS[] = {
    {"acn", "C2H3N"}, {"mecn", "C2H3N"}, {"meoh", "CH4O"},   {"etoh", "C2H6O"},  {"isoprop", "C3H8O"}, {"iproh", "C3H8O"},
    {"ipa", "C3H8O"}, {"dmso", "C2H6OS"}, {"fa", "CH2O2"},   {"hac", "C2H4O2"},  {"ac", "C2H4O2"},     {"acoh", "C2H4O2"},
    {"oac", "C2H3O2"}, {"tfa", "C2HF3O2"},
};
static const char *const ACIDS[] = {"fa", "hac", "ac", "acoh", "tfa"};
static const char *const DOUBTFUL[] = {"HOO", "NI", "SI", "SN", "PB"};
static const char *const ANY_CASE[] = {"Ag", "Al", "Ba", "Br", "Ca", "Cd", "Cl", "Cr", "Cu", "F",  "Fe", "H",  "Hg", "I",
                                       "K",  "Li", "Mg", "Mn", "Na", "Ni", "Rb", "Se", "Si", "Sr", "Zn"};

struct charged {
    const char *formula; /* carbon first, the others by symbol */
    int charge;
};
static const struct charged PART_CHARGES[] = {
    {"H", 1},     {"Li", 1},    {"Na", 1},      {"K", 1},       {"Rb", 1},   {"Cs", 1},    {"Ag", 1},     {"H4N", 1},
    {"CH3", 1},   {"H3O", 1},   {"Mg", 2},      {"Ca", 2},      {"Zn", 2},   {"Fe", 2},    {"Cu", 2},     {"Co", 2},
    {"Ni", 2},    {"Mn", 2},    {"F", -1},      {"Cl", -1},     {"Br", -1},  {"I", -1},    {"HO", -1},    {"CHO2", -1},
    {"C2H3O2", -1}, {"C2F3O2", -1}, {"NO3", -1}, {"HO4S", -1},  {"H2O4P", -1}, {"CHO3", -1},
};
#define N(table) (int)(sizeof(table) / sizeof *(table))

int element_place(const char *symbol, int length) {
    for (int i = 0; i < N_ELEMENTS; i++)
        if ((int)strlen(ELEMENTS[i].symbol) == length && !memcmp(ELEMENTS[i].symbol, symbol, (size_t)length))
            return i;
    return -1;
}

static bool is_name(const char *name, int length, const char *other) {
    return (int)strlen(other) == length && !memcmp(name, other, (size_t)length);
}

static char lower(char c) { return is_upper(c) ? (char)(c + 32) : c; }

/* A number before an element that is a mass number of it: 13C, 37Cl. Two protons are written 2H. */
static bool is_isotope(double mass_number, int element) {
    if (element < 0 || !strcmp(ELEMENTS[element].symbol, "H"))
        return false;
    for (const short *isotope = ELEMENTS[element].isotopes; *isotope; isotope++)
        if (mass_number == *isotope)
            return true;
    return false;
}

/* Up to five digits from a place on; -1 for none. */
static double number_at(const char *text, int length, int *place) {
    double value = -1;
    for (int n = 0; n < 5 && *place < length && is_digit(text[*place]); n++)
        value = 10 * (value < 0 ? 0 : value) + (text[(*place)++] - '0');
    return value;
}

/* Atoms of a formula with groups; false where it is none. */
static bool counts_of(const char *formula, int length, double counts[N_ELEMENTS]) {
    static _Thread_local double stack[DEEPEST_GROUP][N_ELEMENTS];
    int depth = 0, place = 0;
    memset(stack[0], 0, sizeof stack[0]);
    while (place < length) {
        char c = formula[place];
        int start = place, symbol_length = 0;
        if (is_upper(c))
            symbol_length = place + 1 < length && is_lower(formula[place + 1]) ? 2 : 1;
        else if (c != '(' && c != ')')
            return false;
        place += symbol_length ? symbol_length : 1;
        bool is_zero = false;
        double number = -1;
        if (c != '(') {
            is_zero = place < length && formula[place] == '0';
            number = number_at(formula, length, &place);
        }
        /* A zero is an oxygen; C1 at the end is as likely Cl. */
        if (is_zero || (number == 1 && place - start == 2 && c == 'C' && place == length))
            return false;
        if (c == '(') {
            if (++depth == DEEPEST_GROUP)
                return false;
            memset(stack[depth], 0, sizeof stack[depth]);
        } else if (c == ')') {
            if (depth == 0)
                return false;
            for (int i = 0; i < N_ELEMENTS; i++)
                stack[depth - 1][i] += stack[depth][i] * (number < 0 ? 1 : number);
            depth--;
        } else {
            int element = element_place(formula + start, symbol_length);
            if (element < 0)
                return false;
            stack[depth][element] += number < 0 ? 1 : number;
        }
    }
    bool has_atoms = false;
    for (int i = 0; i < N_ELEMENTS; i++) {
        has_atoms = has_atoms || stack[0][i] > 0;
        if (stack[0][i] > LARGEST_COUNT)
            return false;
    }
    memcpy(counts, stack[0], sizeof stack[0]);
    return depth == 0 && has_atoms;
}

static double count_of(const double counts[N_ELEMENTS], const char *symbol) {
    return counts[element_place(symbol, (int)strlen(symbol))];
}

/* No more hydrogen than the others can bind, and no count that is a mass number where no carbon skeleton explains it. */
static bool is_plausible(const double counts[N_ELEMENTS]) {
    double two = count_of(counts, "C") + count_of(counts, "Si") + count_of(counts, "O") + count_of(counts, "S");
    double three = count_of(counts, "N") + count_of(counts, "P") + count_of(counts, "B");
    if (count_of(counts, "H") > 2 * two + 3 * three + 4)
        return false;
    int kinds = 0;
    bool has_isotope = false;
    for (int i = 0; i < N_ELEMENTS; i++) {
        kinds += counts[i] > 0;
        has_isotope = has_isotope || (counts[i] > 0 && is_isotope(counts[i], i));
    }
    return (count_of(counts, "C") > 0 && kinds > 1) || !has_isotope;
}

/* A formula whose zeros, from a place on, are oxygens; false where that leaves a count of 1 behind, or means nothing. */
static bool with_oxygens(const char *formula, int length, int from, double counts[N_ELEMENTS]) {
    char reading[LONGEST_ADDUCT + 1];
    for (int i = 0; i < length; i++)
        reading[i] = i >= from && formula[i] == '0' ? 'O' : formula[i];
    for (int i = 0; i + 1 < length; i++)
        if (is_letter(reading[i]) && reading[i + 1] == '1' && !(i + 2 < length && is_digit(reading[i + 2])))
            return false;
    return counts_of(reading, length, counts) && is_plausible(counts);
}

static bool elements_of(const char *name, int length, double counts[N_ELEMENTS]) {
    for (int i = 0; i < N(DOUBTFUL); i++)
        if (is_name(name, length, DOUBTFUL[i]))
            return false;
    char small[LONGEST_ADDUCT + 1];
    for (int i = 0; i < length; i++)
        small[i] = lower(name[i]);
    const char *formula = name;
    int formula_length = length;
    for (int i = 0; i < N(ABBREVIATIONS); i++)
        if (is_name(small, length, ABBREVIATIONS[i].name)) {
            formula = ABBREVIATIONS[i].formula;
            formula_length = (int)strlen(formula);
        }
    bool is_formula = counts_of(formula, formula_length, counts);
    if (is_formula && is_plausible(counts))
        return true;
    if (!is_formula) {
        if (length > 0 && is_lower(small[0]))
            small[0] = (char)(small[0] - 32);
        for (int i = 0; i < N(ANY_CASE); i++)
            if (is_name(small, length, ANY_CASE[i])) {
                memset(counts, 0, N_ELEMENTS * sizeof *counts);
                counts[element_place(ANY_CASE[i], length)] = 1;
                return true;
            }
    }
    int first = -1, last = -1;
    for (int i = 0; i < formula_length; i++)
        if (formula[i] == '0') {
            first = first < 0 ? i : first;
            last = i;
        }
    if (last < 0)
        return false;
    double of_last[N_ELEMENTS];
    bool all = with_oxygens(formula, formula_length, first, counts);
    bool only_last = first != last && with_oxygens(formula, formula_length, last, of_last);
    if (only_last && !all)
        memcpy(counts, of_last, sizeof of_last);
    return all != only_last;
}

static int charge_of(const double counts[N_ELEMENTS]) {
    for (int i = 0; i < N(PART_CHARGES); i++) {
        double other[N_ELEMENTS];
        const char *formula = PART_CHARGES[i].formula;
        if (counts_of(formula, (int)strlen(formula), other) && !memcmp(other, counts, sizeof other))
            return PART_CHARGES[i].charge;
    }
    return 0;
}

/* Where a part that begins at start ends: before the next sign outside parentheses; -1 where these do not match. */
static int end_of_part(const char *text, int length, int start) {
    int depth = 0;
    for (int i = start; i < length; i++) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (depth < 0)
            return -1;
        if (depth == 0 && is_sign(text[i]))
            return i;
    }
    return depth ? -1 : length;
}

/* Where the first parenthesis of a part closes. */
static int closes(const char *part, int length) {
    int depth = 0;
    for (int i = 0; i < length; i++) {
        depth += (part[i] == '(') - (part[i] == ')');
        if (depth == 0)
            return i;
    }
    return -1;
}

static bool add_part(const char *part, int length, double times, struct gains *gains) {
    if (is_name(part, length, "e")) { /* an electron: no elements */
        gains->implied_charge -= times;
        return true;
    }
    double counts[N_ELEMENTS];
    if (!elements_of(part, length, counts))
        return false;
    for (int i = 0; i < N_ELEMENTS; i++) {
        gains->net[i] += times * counts[i];
        if (fabs(gains->net[i]) > LARGEST_COUNT)
            return false;
    }
    gains->implied_charge += times * charge_of(counts);
    for (int i = 0; i < N(ACIDS); i++) {
        bool is_acid = (int)strlen(ACIDS[i]) == length;
        for (int j = 0; is_acid && j < length; j++)
            is_acid = lower(part[j]) == ACIDS[i][j];
        gains->acids += is_acid ? times : 0;
    }
    return true;
}

/* A group such as (H2O)2 or (+H-H2O), whose inner part is a chain of its own; the length of that, 0 where it is none. */
static int group_of(const char *part, int length, double *multiplier) {
    int digits = 0;
    while (digits < 2 && digits < length && is_digit(part[length - 1 - digits]))
        digits++;
    int close = length - 1 - digits;
    if (length < 2 || part[0] != '(' || close < 1 || part[close] != ')' || closes(part, length) != close)
        return 0;
    int place = close + 1;
    double number = number_at(part, length, &place);
    *multiplier = number < 0 ? 1 : number;
    return close + 1;
}

static bool is_isotope_part(double multiplier, const char *part, int length) {
    int place = 0;
    while (place < length && part[place] == '(')
        place++;
    if (multiplier < 0 || place >= length || !is_upper(part[place]))
        return false;
    int symbol_length = place + 1 < length && is_lower(part[place + 1]) ? 2 : 1;
    return is_isotope(multiplier, element_place(part + place, symbol_length));
}

bool add_terms(const char *text, int length, double times, struct gains *gains) {
    int place = 0;
    while (place < length) {
        if (!is_sign(text[place]) || fabs(times) > LARGEST_COUNT)
            return false;
        double sign = text[place++] == '+' ? 1 : -1;
        const char *digits = text + place;
        double multiplier = number_at(text, length, &place);
        int n_digits = (int)(text + place - digits), end = end_of_part(text, length, place);
        if (end < 0)
            return false;
        const char *part = text + place;
        int part_length = end - place;
        place = end;
        double signed_times = times * sign * (multiplier < 0 ? 1 : multiplier), inner_times;
        int group = group_of(part, part_length, &inner_times);
        if (group) {
            const char *inner = part + 1;
            int inner_length = group - 2;
            char chain[LONGEST_ADDUCT + 2];
            if (inner_length == 0 || !is_sign(inner[0])) {
                chain[0] = '+';
                memcpy(chain + 1, inner, (size_t)inner_length);
                inner = chain;
                inner_length++;
            }
            if (!add_terms(inner, inner_length, signed_times * inner_times, gains))
                return false;
            continue;
        }
        if (part_length == 0 || !(is_letter(part[0]) || part[0] == '('))
            return false;
        for (int i = 0; i < part_length; i++)
            if (!(is_letter(part[i]) || is_digit(part[i]) || part[i] == '(' || part[i] == ')'))
                return false;
        /* One halogen atom of its commonest isotope: what Cl and Br mean. */
        bool is_common = n_digits == 2 && ((!memcmp(digits, "35", 2) && is_name(part, part_length, "Cl")) ||
                                           (!memcmp(digits, "79", 2) && is_name(part, part_length, "Br")));
        if (is_common)
            signed_times /= multiplier;
        else if (is_isotope_part(multiplier, part, part_length))
            return false;
        if (!add_part(part, part_length, signed_times, gains))
            return false;
    }
    return true;
}
