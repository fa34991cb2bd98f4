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
 * The 256 bytes, followed by pieces of text.
 *
 * @param forms the written forms, by id
 * @param ids the ids, by written form
 */
record WordLevelVocabulary(List<String> forms, Map<String, Integer> ids) implements Vocabulary {
  static final int BYTES = 256;

  private static final List<String> BYTE_FORMS =
      IntStream.range(0, BYTES).mapToObj(value -> String.format("<0x%02X>", value)).toList();

  private static final Set<String> BYTES_WRITTEN = Set.copyOf(BYTE_FORMS);

  /**
   * The bytes, then these pieces; each must be {@link #isPiece a piece}, and none may occur twice.
   */
  static WordLevelVocabulary of(List<String> pieces) {
    List<String> forms = new ArrayList<>(BYTE_FORMS);
    forms.addAll(pieces);
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < forms.size(); id++) {
      ids.put(forms.get(id), id);
    }
    return new WordLevelVocabulary(List.copyOf(forms), Map.copyOf(ids));
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
    return forms.subList(BYTES, forms.size());
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
