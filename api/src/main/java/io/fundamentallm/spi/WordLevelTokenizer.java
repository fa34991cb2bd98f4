package io.fundamentallm.spi;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Cuts texts by a provider's rule; see {@link WordLevelProvider}. */
final class WordLevelTokenizer implements Tokenizer {
  private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

  private static final Pattern END = Pattern.compile(WordLevelVocabulary.END, Pattern.LITERAL);

  /** Progress is reported after this many pieces. */
  private static final int PROGRESS_INTERVAL = 100_000;

  private final WordLevelProvider rule;
  private final WordLevelVocabulary vocabulary;

  WordLevelTokenizer(WordLevelProvider rule, WordLevelVocabulary vocabulary) {
    this.rule = rule;
    this.vocabulary = vocabulary;
  }

  static WordLevelTokenizer learn(
      WordLevelProvider rule,
      Iterable<? extends CharSequence> texts,
      int size,
      boolean ends,
      Learning learning) {
    Map<String, Long> counts = new HashMap<>();
    long done = 0;
    for (CharSequence text : texts) {
      learning.throwIfCancelled();
      for (String piece : pieces(rule, text)) {
        counts.merge(piece, 1L, Long::sum);
        if (++done % PROGRESS_INTERVAL == 0) {
          learning.throwIfCancelled();
          learning.onProgress("count pieces", done, -1);
        }
      }
    }
    learning.onProgress("count pieces", done, done);
    Comparator<Map.Entry<String, Long>> frequent =
        Map.Entry.<String, Long>comparingByValue().reversed();
    List<String> pieces =
        counts.entrySet().stream()
            .filter(entry -> WordLevelVocabulary.isPiece(entry.getKey()))
            .filter(entry -> !(ends && entry.getKey().equals(WordLevelVocabulary.END)))
            .sorted(frequent.thenComparing(Map.Entry.comparingByKey()))
            .limit(size - WordLevelVocabulary.BYTES - (ends ? 1 : 0))
            .map(Map.Entry::getKey)
            .toList();
    return new WordLevelTokenizer(rule, WordLevelVocabulary.of(pieces, ends));
  }

  private static List<String> pieces(WordLevelProvider rule, CharSequence text) {
    String whole = LONE_SURROGATE.matcher(requireNonNull(text, "text")).replaceAll("\uFFFD");
    List<String> pieces = rule.cut(whole);
    if (pieces == null) {
      throw mismatch(rule, 0);
    }
    int at = 0;
    for (String piece : pieces) {
      if (piece == null || !whole.startsWith(piece, at) || isWithinPair(whole, at)) {
        throw mismatch(rule, at);
      }
      at += piece.length();
    }
    if (at < whole.length()) {
      throw mismatch(rule, at);
    }
    return pieces;
  }

  private static boolean isWithinPair(String text, int at) {
    return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at));
  }

  private static IllegalStateException mismatch(WordLevelProvider rule, int at) {
    return new IllegalStateException(
        "tokenizer \""
            + rule.name()
            + "\" ("
            + rule.getClass().getName()
            + ") cut a text wrongly at index "
            + at
            + ": its pieces together have to be the text, with surrogate pairs whole");
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    IntStream.Builder tokens = IntStream.builder();
    OptionalInt end = vocabulary.eos();
    if (end.isEmpty() || !allowed.allows(WordLevelVocabulary.END)) {
      add(text, tokens);
      return tokens.build().toArray();
    }
    String[] parts = END.split(text, -1);
    for (int i = 0; i < parts.length; i++) {
      if (i > 0) {
        tokens.add(end.getAsInt());
      }
      add(parts[i], tokens);
    }
    return tokens.build().toArray();
  }

  private void add(CharSequence text, IntStream.Builder tokens) {
    int end = vocabulary.eos().orElse(-1); // which no plain text is
    for (String piece : pieces(rule, text)) {
      Integer token = vocabulary.ids().get(piece);
      if (token != null && token >= WordLevelVocabulary.BYTES && token != end) {
        tokens.add(token);
      } else {
        for (byte b : piece.getBytes(StandardCharsets.UTF_8)) {
          tokens.add(b & 0xFF);
        }
      }
    }
  }

  @Override
  public byte[] bytes(int token) {
    String form = vocabulary.token(token);
    return token < WordLevelVocabulary.BYTES
        ? new byte[] {(byte) token}
        : form.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    WordLevelFile.write(modelDirectory.resolve(WordLevelFile.of(rule.name())), vocabulary);
  }

  @Override
  public String toString() {
    return "the tokenizer \"" + rule.name() + "\"";
  }
}
