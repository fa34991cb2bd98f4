package io.fundamentallm.samplers.constraint;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Tokens of any bytes, which split texts by the longest that fits; the last of them ends a text.
 *
 * @param pieces the bytes of each token but the last
 * @param strips whether the first token of a text loses a space at its beginning
 */
public record Pieces(List<byte[]> pieces, boolean strips) implements Tokenizer {
  /** Tokens of texts, in which {@code <HH>} is a byte. */
  public static Pieces of(String... texts) {
    return new Pieces(Arrays.stream(texts).map(Pieces::bytes).toList(), false);
  }

  static byte[] bytes(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      if (text.startsWith("<", i) && i + 3 < text.length() && text.charAt(i + 3) == '>') {
        bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 4;
      } else {
        int c = text.codePointAt(i);
        bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(c);
      }
    }
    return bytes.toByteArray();
  }

  int end() {
    return pieces.size();
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    byte[] rest = text.toString().getBytes(StandardCharsets.UTF_8);
    List<Integer> tokens = new ArrayList<>();
    int at = 0;
    while (at < rest.length) {
      int best = -1;
      for (int t = 0; t < pieces.size(); t++) {
        byte[] piece = pieces.get(t);
        if (at + piece.length <= rest.length
            && Arrays.equals(rest, at, at + piece.length, piece, 0, piece.length)
            && (best < 0 || piece.length > pieces.get(best).length)) {
          best = t;
        }
      }
      if (best < 0) {
        throw new IllegalArgumentException("no token for byte " + at + " of " + text);
      }
      tokens.add(best);
      at += pieces.get(best).length;
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public byte[] bytes(int token) {
    return token == end() ? "</s>".getBytes(StandardCharsets.UTF_8) : pieces.get(token).clone();
  }

  @Override
  public byte[] bytes(int token, int previous) {
    byte[] bytes = bytes(token);
    return strips && previous < 0 && bytes.length > 0 && bytes[0] == ' '
        ? Arrays.copyOfRange(bytes, 1, bytes.length)
        : bytes;
  }

  @Override
  public void save(Path modelDirectory) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Vocabulary vocabulary() {
    return new Vocabulary() {
      @Override
      public int size() {
        return pieces.size() + 1;
      }

      @Override
      public String token(int id) {
        return new String(bytes(id), StandardCharsets.ISO_8859_1);
      }

      @Override
      public OptionalInt id(String token) {
        return OptionalInt.empty();
      }

      @Override
      public OptionalInt eos() {
        return OptionalInt.of(end());
      }

      @Override
      public Set<Integer> special() {
        return Set.of(end());
      }
    };
  }
}
