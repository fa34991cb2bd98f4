package io.fundamentallm.tokenizers.train;

import java.util.List;

/**
 * What a Unigram training found.
 *
 * @param pieces by id: the special tokens, then the pieces by descending score
 * @param scores of the pieces, logarithms of their probabilities; 0 for special tokens
 */
public record LearnedUnigram(List<String> pieces, double[] scores) {}
