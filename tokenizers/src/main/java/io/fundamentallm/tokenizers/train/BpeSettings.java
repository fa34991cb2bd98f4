package io.fundamentallm.tokenizers.train;

import java.util.List;

/**
 * The settings of a BPE training.
 *
 * @param limitAlphabet -1 for no limit
 * @param initialAlphabet code points that are kept whether they occur or not
 * @param prefix of tokens that continue a word, or empty
 * @param suffix of tokens that end a word, or empty
 * @param maxTokenLength {@link Integer#MAX_VALUE} for no limit
 * @param byteFallback whether {@code <0x00>} to {@code <0xFF>} follow the special tokens
 */
record BpeSettings(
    Units units,
    int vocabSize,
    long minFrequency,
    List<String> specialTokens,
    int limitAlphabet,
    List<Integer> initialAlphabet,
    String prefix,
    String suffix,
    int maxTokenLength,
    boolean byteFallback) {}
