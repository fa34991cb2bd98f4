package io.fundamentallm.tokenizers.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of a Unigram training. */
record UnigramSettings(
    int vocabSize,
    int subIterations,
    double shrinkingFactor,
    List<String> specialTokens,
    @Nullable String unknownToken,
    int maxPieceLength,
    int seedSize,
    List<Integer> initialAlphabet) {}
