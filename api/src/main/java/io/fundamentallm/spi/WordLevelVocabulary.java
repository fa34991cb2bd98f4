package io.fundamentallm.spi;

import io.fundamentallm.text.Vocabulary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The 256 bytes, followed by pieces of text and, if there is one, the end token.
 *
 * @param forms the written forms, by id
 * @param ids the ids, by written form
 * @param eos the end token
 */
record WordLevelVocabulary(List<String> forms, Map<String, Integer> ids, OptionalInt eos)
    implements Vocabulary {
  static final int BYTES = 256;

  /** As the library's own learned tokenizers write it. */
  static final String END = "<|end|>";

  private static final List<String> BYTE_FORMS =
      IntStream.range(0, BYTES).mapToObj(value -> String.format("<0x%02X>", value)).toList();

  private static final Set<String> BYTES_WRITTEN = Set.copyOf(BYTE_FORMS);

  /**
   * The bytes, then these pieces; each must be {@link #isPiece a piece}, and none may occur twice.
   *
   * @param ends whether there is an end token, whose form is then no piece
   */
  static WordLevelVocabulary of(List<String> pieces, boolean ends) {
    List<String> forms = new ArrayList<>(BYTE_FORMS);
    forms.addAll(pieces);
    OptionalInt eos = ends ? OptionalInt.of(forms.size()) : OptionalInt.empty();
    if (ends) {
      forms.add(END);
    }
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < forms.size(); id++) {
      ids.put(forms.get(id), id);
    }
    return new WordLevelVocabulary(List.copyOf(forms), Map.copyOf(ids), eos);
  }

  /**
   * Whether a text can be a token of its own: a single byte already is one, and an empty text
   * cannot be.
   */
  static boolean isPiece(String piece) {
    boolean halves = piece.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF);
    boolean single = piece.isEmpty() || (piece.length() == 1 && piece.charAt(0) < 0x80);
    return !halves && !single && !BYTES_WRITTEN.contains(piece);
  }

  List<String> pieces() {
    return forms.subList(BYTES, eos.orElse(forms.size()));
  }

  @Override
  public Set<Integer> special() {
    return eos.isPresent() ? Set.of(eos.getAsInt()) : Set.of();
  }

  @Override
  public int size() {
    return forms.size();
  }

  @Override
  public String token(int id) {
    if (id < 0 || id >= forms.size()) {
      throw new IllegalArgumentException(
          "token " + id + " is outside the vocabulary [0, " + forms.size() + ")");
    }
    return forms.get(id);
  }

  @Override
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
