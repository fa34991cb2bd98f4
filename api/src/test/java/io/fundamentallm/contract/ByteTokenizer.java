package io.fundamentallm.contract;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The 256 bytes, then the special tokens, for tests of what stands above a tokenizer: the smallest
 * one that keeps every promise of {@link Tokenizer}.
 *
 * @param specials their written forms; the first begins a text, the second ends it
 */
public record ByteTokenizer(List<String> specials) implements Tokenizer {
  private static final String FILE = "byte-tokenizer.txt";

  /** Keeps its own copy of the special tokens. */
  public ByteTokenizer {
    specials = List.copyOf(specials);
  }

  /** With {@code <s>} as 256 and {@code </s>} as 257. */
  public static ByteTokenizer withBeginAndEnd() {
    return new ByteTokenizer(List.of("<s>", "</s>"));
  }

  /** Without any special token. */
  public static ByteTokenizer plain() {
    return new ByteTokenizer(List.of());
  }

  /** Reads what {@link #save} wrote. */
  public static ByteTokenizer load(Path modelDirectory) throws IOException {
    return new ByteTokenizer(Files.readAllLines(modelDirectory.resolve(FILE)));
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    String rest = text.toString();
    IntStream.Builder tokens = IntStream.builder();
    for (int at = 0; at < rest.length(); ) {
      int special = specialAt(rest, at, allowed);
      int length = Character.charCount(rest.codePointAt(at));
      if (special >= 0) {
        tokens.add(256 + special);
        length = specials.get(special).length();
      } else {
        addBytes(rest.substring(at, at + length), tokens);
      }
      at += length;
    }
    return tokens.build().toArray();
  }

  private int specialAt(String text, int at, SpecialTokens allowed) {
    for (int i = 0; i < specials.size(); i++) {
      if (allowed.allows(specials.get(i)) && text.startsWith(specials.get(i), at)) {
        return i;
      }
    }
    return -1;
  }

  private static void addBytes(String codePoint, IntStream.Builder tokens) {
    boolean lone = codePoint.length() == 1 && Character.isSurrogate(codePoint.charAt(0));
    for (byte b : (lone ? "\uFFFD" : codePoint).getBytes(StandardCharsets.UTF_8)) {
      tokens.add(b & 0xFF);
    }
  }

  @Override
  public byte[] bytes(int token) {
    checkId(token);
    return token < 256
        ? new byte[] {(byte) token}
        : specials.get(token - 256).getBytes(StandardCharsets.UTF_8);
  }

  private void checkId(int id) {
    if (id < 0 || id >= 256 + specials.size()) {
      throw new IllegalArgumentException(
          "token " + id + " is outside the vocabulary [0, " + (256 + specials.size()) + ")");
    }
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    Files.write(modelDirectory.resolve(FILE), specials);
  }

  @Override
  public Vocabulary vocabulary() {
    return new Vocabulary() {
      @Override
      public int size() {
        return 256 + specials.size();
      }

      @Override
      public String token(int id) {
        checkId(id);
        return id < 256 ? String.format("<0x%02X>", id) : specials.get(id - 256);
      }

      @Override
      public OptionalInt id(String token) {
        int special = specials.indexOf(token);
        return special >= 0
            ? OptionalInt.of(256 + special)
            : IntStream.range(0, token.length() == "<0x00>".length() ? 256 : 0)
                .filter(id -> token(id).equals(token))
                .findFirst();
      }

      @Override
      public OptionalInt bos() {
        return specials.isEmpty() ? OptionalInt.empty() : OptionalInt.of(256);
      }

      @Override
      public OptionalInt eos() {
        return specials.size() < 2 ? OptionalInt.empty() : OptionalInt.of(257);
      }

      @Override
      public Set<Integer> special() {
        Set<Integer> ids = new TreeSet<>();
        for (int i = 0; i < specials.size(); i++) {
          ids.add(256 + i);
        }
        return ids;
      }
    };
  }
}
