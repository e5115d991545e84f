/* The vectors that E5 gives the tokens of a text: the package can say only their mean and their probes.
   Compiled together with the source in the package, of which it calls internal functions. */
#include "e5.c"

/* Writes the vectors of the first `most` tokens of `text`, without those for its begin and end; returns their number. */
int token_vectors(e5_model *m, const char *text, int most, float *out) {
    int *content = malloc(sizeof(int) * (strlen(text) + 4));
    int n = tok_content(&m->tok, text, content, (int)strlen(text) + 4);
    if (n > most) n = most;
    int all = n + 2, bounds[2] = {0, all};
    int *ids = malloc(sizeof(int) * all), *places = malloc(sizeof(int) * all);
    int *first = calloc(all, sizeof(int)), *end = malloc(sizeof(int) * all);
    float *vectors = malloc(sizeof(float) * all * m->H);
    for (int t = 0; t < all; t++) {
        ids[t] = t == 0 ? m->tok.bos : t == all - 1 ? m->tok.eos : content[t - 1];
        places[t] = t;
        end[t] = all;
    }
    forward_batch(m, ids, places, first, end, bounds, 1, all, NULL, vectors);
    memcpy(out, vectors + m->H, sizeof(float) * n * m->H);
    free(content); free(ids); free(places); free(first); free(end); free(vectors);
    return n;
}
