package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.tokenizers.text.ByteMatcher;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What tokens look like in text after a chain of Hugging Face's decoders, each of which is a
 * function of a token and the one before it. Immutable and thread-safe.
 */
public final class DecoderChain implements Pipeline.TokenDecoder {
  /** One decoder. */
  public interface Stage {
    /**
     * Changes the bytes of a token.
     *
     * @param before the bytes of the token before it, as this stage was given them; null at the
     *     beginning of the text
     */
    byte[] apply(byte[] token, byte @org.jspecify.annotations.Nullable [] before);
  }

  /** The most that becomes of a token, unless it is longer anyway. */
  private static final int MAX_BYTES = 1 << 12;

  private final TokenForms forms;
  private final List<Stage> stages;

  /** A chain. */
  public DecoderChain(TokenForms forms, List<Stage> stages) {
    this.forms = forms;
    this.stages = List.copyOf(stages);
  }

  @Override
  public byte[] bytes(int token, int previous) {
    byte[] bytes = form(token);
    byte[] before = previous < 0 ? null : form(previous);
    int most = Math.max(bytes.length, before == null ? 0 : before.length);
    for (Stage stage : stages) {
      byte[] changed = bounded(stage.apply(bytes, before), most);
      // a stage sees its neighbour as the stages before it left that one, inside a text
      before = before == null ? null : bounded(stage.apply(before, bytes), most);
      bytes = changed;
    }
    return bytes;
  }

  @Override
  public byte[] bytes(int token) {
    byte[] bytes = form(token);
    int most = bytes.length;
    for (Stage stage : stages) {
      bytes = bounded(stage.apply(bytes, bytes), most);
    }
    return bytes;
  }

  /** Stages in a row may each double a token. */
  private static byte[] bounded(byte[] bytes, int form) {
    if (bytes.length > Math.max(MAX_BYTES, 2L * form)) {
      throw tooLong(Math.max(MAX_BYTES, 2L * form));
    }
    return bytes;
  }

  private static IllegalArgumentException tooLong(long max) {
    return new IllegalArgumentException(
        "the tokenizer's decoder makes more than " + max + " bytes of a token");
  }

  private byte[] form(int token) {
    return forms.token(token).getBytes(StandardCharsets.UTF_8);
  }

  /** Replaces what a pattern finds; nothing longer than {@link #MAX_BYTES} comes of it. */
  public static Stage replace(ByteMatcher pattern, String content) {
    byte[] with = content.getBytes(StandardCharsets.UTF_8);
    return (token, before) -> {
      int[] match = new int[2];
      if (!pattern.find(token, 0, token.length, match)) {
        return token;
      }
      int max = Math.max(MAX_BYTES, token.length);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      int at = 0;
      do {
        if (out.size() + (long) with.length > max) {
          throw tooLong(max);
        }
        out.write(token, at, match[0] - at);
        out.writeBytes(with);
        if (match[1] == match[0]) {
          if (match[0] < token.length) {
            out.write(token[match[0]]);
          }
          at = match[1] + 1;
        } else {
          at = match[1];
        }
      } while (at <= token.length && pattern.find(token, at, token.length, match));
      if (at < token.length) {
        out.write(token, at, token.length - at);
      }
      return out.toByteArray();
    };
  }

  /** Tokens like {@code <0x0A>} are bytes. */
  public static Stage byteFallback() {
    return (token, before) -> {
      if (token.length == 6
          && token[0] == '<'
          && token[1] == '0'
          && token[2] == 'x'
          && token[5] == '>') {
        int high = Character.digit(token[3], 16);
        int low = Character.digit(token[4], 16);
        if (high >= 0 && low >= 0) {
          return new byte[] {(byte) (high << 4 | low)};
        }
      }
      return token;
    };
  }

  /** Characters of GPT-2's alphabet are bytes. */
  public static Stage byteLevel() {
    return (token, before) -> {
      byte[] bytes = PrintableBytes.read(new String(token, StandardCharsets.UTF_8));
      return bytes == null ? token : bytes;
    };
  }

  /**
   * Removes up to this many of a character at the start and the end of a token, or, once tokens are
   * fused, at the start of the text.
   */
  public static Stage strip(String character, int start, int stop, boolean fused) {
    byte[] content = character.getBytes(StandardCharsets.UTF_8);
    return (token, before) -> {
      if (fused && before != null) {
        return token;
      }
      int from = 0;
      for (int i = 0; i < start && startsWith(token, from, content); i++) {
        from += content.length;
      }
      int to = token.length;
      for (int i = 0;
          i < stop
              && to - content.length >= from
              && startsWith(token, to - content.length, content);
          i++) {
        to -= content.length;
      }
      return java.util.Arrays.copyOfRange(token, from, to);
    };
  }

  /** The mark of a space becomes a space, or nothing in a first token if one was prepended. */
  public static Stage metaspace(String mark, boolean prepended) {
    byte[] content = mark.getBytes(StandardCharsets.UTF_8);
    return (token, before) -> {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int i = 0; i < token.length; ) {
        if (startsWith(token, i, content)) {
          if (before != null || !prepended) {
            out.write(' ');
          }
          i += content.length;
        } else {
          out.write(token[i++]);
        }
      }
      return out.toByteArray();
    };
  }

  /** Pieces of a word are joined, and words have a space between them. */
  public static Stage wordPiece(String prefix, boolean cleanup) {
    byte[] continuing = prefix.getBytes(StandardCharsets.UTF_8);
    return (token, before) -> {
      String text = new String(token, StandardCharsets.UTF_8);
      if (before != null) {
        text = startsWith(token, 0, continuing) ? text.substring(prefix.length()) : " " + text;
      }
      return (cleanup ? cleanUp(text) : text).getBytes(StandardCharsets.UTF_8);
    };
  }

  /** A suffix ends a word: a space, but for the last word. */
  public static Stage bpe(String suffix) {
    return (token, before) -> {
      String text = new String(token, StandardCharsets.UTF_8).replace(suffix, "");
      boolean space = before != null && new String(before, StandardCharsets.UTF_8).endsWith(suffix);
      return (space ? " " + text : text).getBytes(StandardCharsets.UTF_8);
    };
  }

  /**
   * Repeated tokens become one, and the padding token nothing (connectionist temporal
   * classification).
   */
  public static Stage ctc(String pad, String wordDelimiter, boolean cleanup) {
    return (token, before) -> {
      String text = new String(token, StandardCharsets.UTF_8);
      boolean repeated =
          before != null && before != token && java.util.Arrays.equals(token, before);
      if (repeated || text.equals(pad)) {
        return new byte[0];
      }
      text = cleanup ? cleanUp(text).replace(wordDelimiter, " ") : text;
      return text.getBytes(StandardCharsets.UTF_8);
    };
  }

  /** Tokens without a decoder have a space between them. */
  public static Stage spaced() {
    return (token, before) -> {
      if (before == null) {
        return token;
      }
      byte[] spaced = new byte[token.length + 1];
      spaced[0] = ' ';
      System.arraycopy(token, 0, spaced, 1, token.length);
      return spaced;
    };
  }

  /** Hugging Face's clean-up of one token (tokenizers, decoders/wordpiece.rs). */
  private static String cleanUp(String token) {
    return token
        .replace(" .", ".")
        .replace(" ?", "?")
        .replace(" !", "!")
        .replace(" ,", ",")
        .replace(" ' ", "'")
        .replace(" n't", "n't")
        .replace(" 'm", "'m")
        .replace(" do not", " don't")
        .replace(" 's", "'s")
        .replace(" 've", "'ve")
        .replace(" 're", "'re");
  }

  private static boolean startsWith(byte[] text, int at, byte[] prefix) {
    return at + prefix.length <= text.length
        && java.util.Arrays.equals(text, at, at + prefix.length, prefix, 0, prefix.length);
  }
}
