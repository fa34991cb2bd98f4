package io.fundamentallm.evaluation;

import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.Arrays;
import java.util.OptionalInt;

/** Texts as tokens, by the harness's rules: with the special tokens that the tokenizer adds. */
final class TaskTokens {
  private static final EncodingOptions WITH_SPECIAL =
      EncodingOptions.builder().addSpecialTokens(true).build();

  private final Tokenizer tokenizer;

  /** Before a text that nothing else stands before: the begin token, or else the end token. */
  private final OptionalInt prefix;

  TaskTokens(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    Vocabulary vocabulary = tokenizer.vocabulary();
    prefix = vocabulary.bos().isPresent() ? vocabulary.bos() : vocabulary.eos();
  }

  /**
   * A context and its continuation.
   *
   * @param tokens of both
   * @param contextLength how many are the context
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Pair(int[] tokens, int contextLength) {}

  /**
   * Encodes the two as one text, whose tokens from where the context alone would end are the
   * continuation. White space at the end of the context belongs to the continuation.
   */
  Pair pair(String context, String continuation) {
    if (context.isEmpty()) {
      int[] tokens = tokenizer.encode(continuation);
      boolean begins = prefix.isEmpty() || (tokens.length > 0 && tokens[0] == prefix.getAsInt());
      int[] all = begins ? tokens : prefixed(tokens);
      return new Pair(all, Math.min(1, all.length));
    }
    int[] before =
        withSpecial(context.substring(0, PythonText.lengthWithoutTrailingSpace(context)));
    int[] both = withSpecial(context + continuation);
    // the context keeps its own tokens, also where the two together would have others at the cut
    int[] tokens = Arrays.copyOf(before, Math.max(before.length, both.length));
    for (int i = before.length; i < both.length; i++) {
      tokens[i] = both[i];
    }
    return new Pair(tokens, before.length);
  }

  /** A whole text, every token of which is to be scored, with something before it. */
  int[] whole(String text) {
    int[] tokens = withSpecial(text);
    return prefix.isEmpty() ? tokens : prefixed(tokens);
  }

  private int[] withSpecial(String text) {
    return tokenizer.encode(text, WITH_SPECIAL).ids();
  }

  private int[] prefixed(int[] tokens) {
    int[] all = new int[tokens.length + 1];
    all[0] = prefix.getAsInt();
    System.arraycopy(tokens, 0, all, 1, tokens.length);
    return all;
  }
}
