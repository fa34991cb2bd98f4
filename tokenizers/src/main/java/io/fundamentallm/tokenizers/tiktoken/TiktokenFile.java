package io.fundamentallm.tokenizers.tiktoken;

import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.model.ByteStrings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

/**
 * A {@code .tiktoken} file (openai/tiktoken, load.py): a line for each token, its bytes in base64,
 * a space and its rank, which is its id.
 */
final class TiktokenFile {
  /** Eighteen times o200k's. */
  private static final long MAX_BYTES = 64 << 20;

  private static final byte[] DIGITS = digits();

  private final Path file;
  private final byte[] content;
  private int at;
  private int line = 1;

  private TiktokenFile(Path file, byte[] content) {
    this.file = file;
    this.content = content;
  }

  /**
   * Reads the tokens, in the order of their ids. Ids that the file leaves out between others belong
   * to special tokens, as in p50k_base, or to no token: strings without bytes.
   *
   * @param leftOut receives the ids that it leaves out
   */
  static ByteStrings.Builder read(Path file, Map<Integer, String> special, BitSet leftOut)
      throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException(file + " has " + size + " bytes; at most " + MAX_BYTES + " are read");
    }
    GitLfsPointer.refuse(file);
    return new TiktokenFile(file, Files.readAllBytes(file)).read(special, leftOut);
  }

  private ByteStrings.Builder read(Map<Integer, String> special, BitSet leftOut)
      throws IOException {
    ByteStrings.Builder tokens = new ByteStrings.Builder(content.length / 16 + 16);
    while (at < content.length) {
      if (content[at] == '\n' || content[at] == '\r') {
        line += content[at++] == '\n' ? 1 : 0;
        continue;
      }
      int start = at;
      int size = token(tokens.reserve((content.length - at) / 4 * 3), tokens.at());
      int rank = rank();
      if (rank < tokens.size() || rank > TokenizerJson.HIGHEST_ID) {
        throw error(
            "expected a rank in ["
                + tokens.size()
                + ", "
                + TokenizerJson.HIGHEST_ID
                + "], more than on the line before, found "
                + rank);
      }
      if (rank > tokens.size()) {
        while (tokens.size() < rank) {
          leftOut.set(tokens.size());
          String left = special.getOrDefault(tokens.size(), "");
          tokens.add(left.getBytes(StandardCharsets.UTF_8), true);
        }
        at = start; // what was decoded was where those are now
        continue;
      }
      tokens.add(size, false);
    }
    if (tokens.size() == 0) {
      throw error("there is no token");
    }
    return tokens;
  }

  /** Decodes base64 up to the space. */
  private int token(byte[] out, int from) throws IOException {
    int n = from;
    int start = at;
    int bits = 0;
    int count = 0;
    for (; at < content.length && content[at] != ' '; at++) {
      int b = content[at];
      if (b == '=') {
        continue;
      }
      int digit = b < 0 ? -1 : DIGITS[b];
      if (digit < 0 || content[Math.max(start, at - 1)] == '=') {
        throw error(
            "expected base64, a space and a rank; found \""
                + new String(
                    content, start, Math.min(at + 1 - start, 40), StandardCharsets.ISO_8859_1)
                + "\"");
      }
      bits = bits << 6 | digit;
      if (++count % 4 == 0) {
        out[n++] = (byte) (bits >> 16);
        out[n++] = (byte) (bits >> 8);
        out[n++] = (byte) bits;
      }
    }
    int length = at - start;
    if (length == 0 || length % 4 != 0 || length - count > 2) {
      throw error("a token has " + length + " characters of base64, and not a multiple of four");
    }
    if (count % 4 == 3) {
      out[n++] = (byte) (bits >> 10);
      out[n++] = (byte) (bits >> 2);
    } else if (count % 4 == 2) {
      out[n++] = (byte) (bits >> 4);
    }
    return n - from;
  }

  private int rank() throws IOException {
    at++; // the space
    long rank = 0;
    int start = at;
    for (; at < content.length && content[at] >= '0' && content[at] <= '9'; at++) {
      rank = Math.min(rank * 10 + content[at] - '0', Integer.MAX_VALUE);
    }
    if (at == start || (at < content.length && content[at] != '\n' && content[at] != '\r')) {
      throw error("expected a rank as a whole number after the token");
    }
    return (int) rank;
  }

  private IOException error(String message) {
    return new IOException(file + ", line " + line + ": " + message);
  }

  private static byte[] digits() {
    byte[] digits = new byte[128];
    Arrays.fill(digits, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      digits[alphabet.charAt(i)] = (byte) i;
    }
    return digits;
  }
}
