package io.fundamentallm.tokenizers.train;

import java.util.List;

/**
 * What a BPE training found.
 *
 * @param forms the tokens by id as a tokenizer.json writes them: special tokens, byte tokens, the
 *     alphabet, then what the merges make
 * @param merges the forms that are merged, left and right alternating, in the order of the merges
 */
public record LearnedBpe(List<String> forms, List<String> merges) {}
