/* udfs/adducts.py in C: what an ion is made of, from the usual spellings; NULL where that module refuses. */
#include "adducts/adduct_reader.h"

#include <math.h>
#include <string.h>

#include "adducts/adduct_parts.h"
#include "adducts/adduct_text.h"
#include "vectors.h"

#define ELECTRON_MASS 5.48579909065e-4 /* Da, CODATA 2018 */
#define LARGEST_CHARGE 99
#define MOST_ATOMS 500
#define DEEPEST_READING 60

struct ion {
    int n_molecules, charge;
    double net[N_ELEMENTS];
};

/* What is gained and lost, and the charge as it is stated. */
struct split {
    struct text inner, stated;
    bool must_agree;
};

static bool read_one(struct text part, int depth, struct ion *ion);

/* Tell whether the last digit of M+NH4+ and M+2H2+ belongs to the formula or to the charge: by what fits. */
static bool digit_before_sign(const struct text *inner, char sign, int depth, struct split *split) {
    int n_fitting = 0;
    for (int is_charge = 0; is_charge < 2; is_charge++) {
        struct text alone = {.at = "[", .length = inner->length + 2 - is_charge};
        memcpy(alone.at + 1, inner->at, (size_t)(inner->length - is_charge));
        alone.at[alone.length - 1] = ']';
        int size = is_charge ? inner->at[inner->length - 1] - '0' : 1;
        struct ion ion;
        if (!read_one(alone, depth + 1, &ion) || ion.charge != (sign == '+' ? size : -size))
            continue;
        n_fitting++;
        split->inner = part_of(inner, 0, inner->length - is_charge);
        split->stated.length = 1 + is_charge;
        split->stated.at[0] = is_charge ? inner->at[inner->length - 1] : sign;
        split->stated.at[1] = sign;
    }
    split->must_agree = false;
    return n_fitting == 1;
}

static bool split_bare(const struct text *part, int depth, struct split *split) {
    int end = part->length;
    while (end > 0 && is_sign(part->at[end - 1]))
        end--;
    while (end > 0 && part->at[end - 1] == ']')
        end--;
    split->inner = part_of(part, 0, end);
    if (end < part->length) {
        int start = end;
        while (at(part, start) == ']')
            start++;
        split->stated = part_of(part, start, part->length);
        if (split->stated.length == 1 && is_digit(at(part, end - 1)) && at(part, end) != ']') {
            struct text inner = split->inner;
            return digit_before_sign(&inner, split->stated.at[0], depth, split);
        }
        return true;
    }
    if (!is_digit(at(part, end - 1)) || !is_sign(at(part, end - 2)))
        return true;
    for (int i = 0; i < end - 2; i++) { /* "M+2H+2"; "M+1" is an isotope peak, which the bare M gives away */
        int next = i + 1;
        if (!is_sign(part->at[i]))
            continue;
        while (next < end - 2 && is_digit(part->at[next]))
            next++;
        if (next < end - 2 && (is_letter(part->at[next]) || part->at[next] == '(')) {
            split->inner = part_of(part, 0, end - 2);
            split->stated = part_of(part, end - 2, end);
            return true;
        }
    }
    return true;
}

static bool split_charge(const struct text *text, int depth, struct split *split) {
    *split = (struct split){.must_agree = false};
    int apart = charge_apart(text);
    if (apart >= 0) {
        struct text before = part_of(text, 0, apart), after = part_of(text, apart, text->length);
        split->stated = stripped(&after);
        split->must_agree = true;
        return without_blanks(&before, &split->inner);
    }
    struct text part;
    if (!without_blanks(text, &part))
        return false;
    open_charge(&part);
    enclose(&part);
    if (at(&part, 0) != '[')
        return split_bare(&part, depth, split);
    int close = 1;
    while (close < part.length && part.at[close] != ']')
        close++;
    if (close == part.length)
        return false;
    split->inner = part_of(&part, 1, close);
    split->stated = part_of(&part, close + 1, part.length);
    if (split->stated.length == 0 && is_sign(at(&split->inner, split->inner.length - 1))) { /* "[M+H+]" */
        struct text inner = split->inner;
        return depth < DEEPEST_READING && split_charge(&inner, depth + 1, split);
    }
    return true;
}

/* The signed charge: as stated, else as the parts imply, else that of a neutral acid's anion; 0 where it cannot be told. */
static double settle_charge(const struct text *stated, double implied, double acids) {
    int n = stated->length, before = 0, signs = 0, after = 0;
    double magnitude = 0;
    while (before < n && is_digit(stated->at[before]))
        before++;
    while (before + signs < n && is_sign(stated->at[before + signs]))
        signs++;
    while (before + signs + after < n && is_digit(stated->at[before + signs + after]))
        after++;
    if (before + signs + after < n || before > 2 || after > 2 || (before && after))
        return 0;
    for (int i = 1; i < signs; i++)
        if (stated->at[before + i] != stated->at[before])
            return 0;
    if (signs > 1 && (before || after))
        return 0;
    for (int i = 0; i < n; i++)
        if (is_digit(stated->at[i]))
            magnitude = 10 * magnitude + (stated->at[i] - '0');
    if (!before && !after)
        magnitude = signs;
    if (n && magnitude == 0)
        return 0;
    int sign = signs ? (stated->at[before] == '+' ? 1 : -1) : implied != 0 ? (implied > 0 ? 1 : -1) : acids > 0 ? -1 : 0;
    return sign * (magnitude != 0 ? magnitude : implied != 0 ? fabs(implied) : 1);
}

static bool read_one(struct text part, int depth, struct ion *ion) {
    struct split split;
    part = stripped(&part);
    if (depth > DEEPEST_READING || !split_charge(&part, depth, &split))
        return false;
    const struct text *inner = &split.inner;
    int end = molecule_end(inner, 0), digits = 0;
    if (end < 0 || (end < inner->length && !is_sign(inner->at[end])))
        return false;
    ion->n_molecules = 0;
    for (; is_digit(at(inner, digits)); digits++)
        ion->n_molecules = 10 * ion->n_molecules + (inner->at[digits] - '0');
    if (digits == 0)
        ion->n_molecules = 1;
    struct gains gains = {.implied_charge = 0};
    if (ion->n_molecules == 0 || !add_terms(inner->at + end, inner->length - end, 1, &gains))
        return false;
    double charge = settle_charge(&split.stated, gains.implied_charge, gains.acids);
    if (charge == 0 || fabs(charge) > LARGEST_CHARGE || (split.must_agree && charge != gains.implied_charge))
        return false;
    if (gains.implied_charge == 0 && charge == -1 && gains.acids == 1) /* of a neutral acid only the anion can charge the ion */
        gains.net[element_place("H", 1)] -= 1;
    for (int i = 0; i < N_ELEMENTS; i++) {
        if (fabs(gains.net[i]) > MOST_ATOMS)
            return false;
        ion->net[i] = gains.net[i];
    }
    ion->charge = (int)charge;
    return true;
}

static bool is_same(const struct ion *one, const struct ion *other) {
    bool same = one->n_molecules == other->n_molecules && one->charge == other->charge;
    for (int i = 0; i < N_ELEMENTS; i++)
        same = same && one->net[i] == other->net[i];
    return same;
}

/* Alternatives, parted by slashes, must be one ion. */
static bool read_adduct(const char *adduct, uint32_t length, struct ion *ion) {
    struct text part = {.length = 0};
    uint32_t place = 0;
    bool is_first = true;
    if (length > LONGEST_ADDUCT)
        return false;
    while (true) {
        bool is_end = place == length;
        uint32_t character = is_end ? '/' : next_character((const unsigned char *)adduct, length, &place);
        char c = plain_character(character);
        if (character != '/') {
            if (c)
                part.at[part.length++] = c;
            continue;
        }
        struct ion found;
        if (!read_one(part, 0, &found) || (!is_first && !is_same(&found, ion)))
            return false;
        *ion = found;
        is_first = false;
        part.length = 0;
        if (is_end)
            return true;
    }
}

static bool mz_of(double monoisotopic_mass, const struct ion *ion, double *mz) {
    if (!isfinite(monoisotopic_mass) || monoisotopic_mass <= 0)
        return false;
    double delta = 0;
    for (int i = 0; i < N_ELEMENTS; i++)
        delta += ion->net[i] * ELEMENTS[i].mass;
    delta -= ion->charge * ELECTRON_MASS;
    *mz = (ion->n_molecules * monoisotopic_mass + delta) / fabs((double)ion->charge);
    return *mz > 0;
}

static bool is_same_text(const struct api_string *one, const struct api_string *other) {
    return one->length == other->length && !memcmp(api_text(one), api_text(other), one->length);
}

static void native_adduct_mz(void *info, void *chunk, void *output) {
    (void)info;
    struct argument mass = argument_of(chunk, 0), adduct = argument_of(chunk, 1);
    double *result = api_vector_get_data(output);
    /* Neighbouring rows mostly have one adduct, which is read once. */
    const struct api_string *last = NULL;
    struct ion ion;
    bool is_read = false;
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t row = 0; row < n; row++) {
        bool is_known = api_is_valid(mass.validity, row) && api_is_valid(adduct.validity, row);
        const struct api_string *text = (const struct api_string *)adduct.data + row;
        if (is_known && !(last && is_same_text(last, text))) {
            last = text;
            is_read = read_adduct(api_text(text), text->length, &ion);
        }
        if (!is_known || !is_read || !mz_of(((const double *)mass.data)[row], &ion, &result[row]))
            api_set_null(output, row);
    }
}

bool register_adduct_functions(void *connection) {
    void *number = api_create_logical_type(TYPE_DOUBLE), *text = api_create_logical_type(TYPE_VARCHAR);
    void *parameters[] = {number, text};
    bool done = register_scalar(connection, "native_adduct_mz", parameters, 2, number, native_adduct_mz);
    api_destroy_logical_type(&number);
    api_destroy_logical_type(&text);
    return done;
}
