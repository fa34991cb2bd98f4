package io.fundamentallm.tokenizers;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.pipeline.PrintableBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One token for each byte of UTF-8. */
final class ByteTokenizer implements Tokenizer {
  private final TokenTable vocabulary;
  private final SpecialForms special;

  /** The id of each byte. */
  private final int[] idOfByte;

  /** The byte of each id; -1 for special tokens. */
  private final int[] byteOfId;

  /** A tokenizer of a vocabulary that holds all of {@link PrintableBytes}; the rest is special. */
  ByteTokenizer(TokenTable vocabulary) {
    this.vocabulary = vocabulary;
    special = SpecialForms.of(vocabulary);
    idOfByte = new int[PrintableBytes.SIZE];
    byteOfId = new int[vocabulary.size()];
    Arrays.fill(byteOfId, -1);
    for (int b = 0; b < PrintableBytes.SIZE; b++) {
      idOfByte[b] = vocabulary.id(PrintableBytes.form(b)).orElseThrow();
      byteOfId[idOfByte[b]] = b;
    }
  }

  /** Bytes first, each with its value as id, then the special tokens. */
  static ByteTokenizer create(SpecialRoles roles) {
    List<String> forms = new ArrayList<>();
    for (int b = 0; b < PrintableBytes.SIZE; b++) {
      forms.add(PrintableBytes.form(b));
    }
    forms.addAll(roles.forms());
    return new ByteTokenizer(new TokenTable(forms, roles.forms(), roles));
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    String string = text.toString();
    SpecialForms forms = special.allowed(allowed);
    IdBuffer ids = new IdBuffer();
    int from = 0;
    for (SpecialForms.Match match; (match = forms.next(string, from)) != null; from = match.end()) {
      encode(string, from, match.start(), ids);
      ids.add(match.id());
    }
    encode(string, from, string.length(), ids);
    return ids.toArray();
  }

  private void encode(String text, int from, int to, IdBuffer buffer) {
    int[] ids = buffer.room(utf8Length(text, from, to));
    int n = buffer.length();
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        ids[n++] = idOfByte[c];
      } else if (c < 0x800) {
        ids[n++] = idOfByte[0xC0 | c >> 6];
        ids[n++] = idOfByte[continuation(c)];
      } else if (isPair(text, i, to)) {
        int codePoint = Character.toCodePoint(c, text.charAt(++i));
        ids[n++] = idOfByte[0xF0 | codePoint >> 18];
        ids[n++] = idOfByte[continuation(codePoint >> 12)];
        ids[n++] = idOfByte[continuation(codePoint >> 6)];
        ids[n++] = idOfByte[continuation(codePoint)];
      } else {
        char valid = Character.isSurrogate(c) ? '\uFFFD' : c;
        ids[n++] = idOfByte[0xE0 | valid >> 12];
        ids[n++] = idOfByte[continuation(valid >> 6)];
        ids[n++] = idOfByte[continuation(valid)];
      }
    }
    buffer.length(n);
  }

  private static int continuation(int bits) {
    return 0x80 | (bits & 0x3F);
  }

  private static int utf8Length(String text, int from, int to) {
    long length = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        length++;
      } else if (c < 0x800) {
        length += 2;
      } else if (isPair(text, i, to)) {
        length += 4;
        i++;
      } else {
        length += 3;
      }
    }
    return Math.toIntExact(length);
  }

  private static boolean isPair(String text, int at, int to) {
    return Character.isHighSurrogate(text.charAt(at))
        && at + 1 < to
        && Character.isLowSurrogate(text.charAt(at + 1));
  }

  @Override
  public byte[] bytes(int token) {
    String form = vocabulary.token(token); // checks the range
    int b = byteOfId[token];
    return b < 0 ? form.getBytes(StandardCharsets.UTF_8) : new byte[] {(byte) b};
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    ByteFormat.write(vocabulary, modelDirectory);
  }

  @Override
  public String toString() {
    return "byte tokenizer, 256 bytes and " + vocabulary.special().size() + " special tokens";
  }
}
