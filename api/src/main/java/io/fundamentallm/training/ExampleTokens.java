package io.fundamentallm.training;

import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Collects the tokens of examples and their marks in memory: five bytes for each token. */
final class ExampleTokens {
  private final Tokenizer tokenizer;
  private int[] tokens = new int[1 << 10];
  private byte[] marks = new byte[1 << 10];
  private int size;

  ExampleTokens(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Adds an example.
   *
   * @param unit whether it begins a unit
   * @throws IllegalArgumentException if nothing of it is learned
   */
  void add(List<ChatSegment> segments, boolean unit) {
    int first = size;
    int[] encoded = tokenizer.encode(segments);
    boolean[] learned = learned(segments, encoded);
    if (learned.length == 0) {
      for (List<ChatSegment> run : runs(segments)) {
        boolean generated = run.get(0).generated();
        for (int token : tokenizer.encode(run)) {
          add(token, generated);
        }
      }
    } else {
      for (int i = 0; i < encoded.length; i++) {
        add(encoded[i], learned[i]);
      }
    }
    begin(first, unit);
  }

  /**
   * Adds a prompt and its answer, of which the answer is learned, as they are; between the
   * vocabulary's begin and end tokens, if it has them.
   *
   * @param unit whether it begins a unit
   */
  void add(String prompt, String answer, boolean unit) {
    DocumentMarks around = DocumentMarks.of(tokenizer);
    int first = size;
    around.before(true).ifPresent(token -> add(token, false));
    for (int token : tokenizer.encode(prompt)) {
      add(token, false);
    }
    for (int token : tokenizer.encode(answer)) {
      add(token, true);
    }
    around.after().ifPresent(token -> add(token, true));
    begin(first, unit);
  }

  private void begin(int first, boolean unit) {
    if (size - first < 2) {
      throw new IllegalArgumentException("the example has no two tokens");
    }
    marks[first] = (byte) (TokenMarks.BEGIN | (unit ? TokenMarks.UNIT : 0));
    for (int i = first + 1; i < size; i++) {
      if ((marks[i] & TokenMarks.LEARNED) != 0) {
        return;
      }
    }
    throw new IllegalArgumentException("the answer has no tokens to learn");
  }

  private void add(int token, boolean learned) {
    if (size == tokens.length) {
      int larger = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * size);
      if (larger == size) {
        throw new IllegalArgumentException("the examples have more than 2,147,483,639 tokens");
      }
      tokens = Arrays.copyOf(tokens, larger);
      marks = Arrays.copyOf(marks, larger);
    }
    tokens[size] = token;
    marks[size] = (byte) (learned ? TokenMarks.LEARNED : 0);
    size++;
  }

  /**
   * Which tokens have a byte of a generated segment. Empty if the tokens together are not the text,
   * or if one lies across the beginning of what is generated: when a model answers, the prompt's
   * tokens end there.
   */
  private boolean[] learned(List<ChatSegment> segments, int[] encoded) {
    List<byte[]> pieces = new ArrayList<>(encoded.length);
    long length = 0;
    for (int i = 0; i < encoded.length; i++) {
      byte[] piece = tokenizer.bytes(encoded[i], i == 0 ? -1 : encoded[i - 1]);
      pieces.add(piece);
      length += piece.length;
    }
    byte[] text = text(segments);
    if (length != text.length) {
      return new boolean[0];
    }
    boolean[] generated = generated(segments, text.length);
    boolean[] learned = new boolean[encoded.length];
    int at = 0;
    for (int i = 0; i < learned.length; i++) {
      boolean before = false;
      for (byte b : pieces.get(i)) {
        if (b != text[at] || (before && generated[at])) {
          return new boolean[0];
        }
        before = !generated[at];
        learned[i] |= generated[at++];
      }
    }
    return learned;
  }

  private static byte[] text(List<ChatSegment> segments) {
    StringBuilder text = new StringBuilder();
    segments.forEach(segment -> text.append(segment.text()));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static boolean[] generated(List<ChatSegment> segments, int bytes) {
    boolean[] generated = new boolean[bytes];
    int at = 0;
    for (ChatSegment segment : segments) {
      int end = Math.min(bytes, at + segment.text().getBytes(StandardCharsets.UTF_8).length);
      Arrays.fill(generated, at, end, segment.generated());
      at = end;
    }
    return generated;
  }

  /** Neighbours that are both generated, or both not. */
  private static List<List<ChatSegment>> runs(List<ChatSegment> segments) {
    List<List<ChatSegment>> runs = new ArrayList<>();
    for (ChatSegment segment : segments) {
      int last = runs.size() - 1;
      if (last >= 0 && runs.get(last).get(0).generated() == segment.generated()) {
        runs.get(last).add(segment);
      } else {
        runs.add(new ArrayList<>(List.of(segment)));
      }
    }
    return runs;
  }

  /** All of them; nothing can be added afterwards. */
  TokenSequence build() {
    int count = size;
    int[] ids = Arrays.copyOf(tokens, count);
    byte[] bits = Arrays.copyOf(marks, count);
    tokens = new int[0];
    marks = new byte[0];
    TokenMarks read =
        (from, into, offset, many) -> {
          Objects.checkFromIndexSize(from, many, count);
          System.arraycopy(bits, (int) from, into, offset, many);
        };
    return new TokenSequence() {
      @Override
      public long size() {
        return count;
      }

      @Override
      public void read(long from, int[] into, int offset, int many) {
        Objects.checkFromIndexSize(from, many, count);
        System.arraycopy(ids, (int) from, into, offset, many);
      }

      @Override
      public Optional<TokenMarks> marks() {
        return Optional.of(read);
      }
    };
  }
}
