package io.fundamentallm.training;

import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.LearningListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Has a teacher read tokens, and writes what it expects after each. One thread at a time. */
final class TeacherReading {
  /** Tokens that go through the teacher at once. */
  private static final int PIECE = 64;

  /** Tokens of a text without examples that the teacher sees at once. */
  private static final int CONTEXT = 1024;

  private final LanguageModel teacher;
  private final TokenSequence tokens;
  private final Optional<TokenMarks> marks;
  private final int vocabulary;
  private final int count;
  private final float[][] logits;
  private final int[] ids;
  private final double[] scores;
  private final byte[] mark = new byte[1];

  TeacherReading(LanguageModel teacher, TokenSequence tokens, int vocabulary, int count) {
    this.teacher = teacher;
    this.tokens = tokens;
    this.vocabulary = vocabulary;
    this.count = count;
    marks = tokens.marks();
    logits = new float[PIECE][teacher.info().vocabularySize()];
    ids = new int[count];
    scores = new double[count];
  }

  /**
   * Checks that each example can be read from its beginning.
   *
   * @throws IllegalArgumentException for one that the teacher's context is too short for
   */
  void requireRoom() {
    if (marks.isEmpty()) {
      return;
    }
    long room = teacher.info().contextLength() + 1L; // nothing is expected after the last token
    byte[] block = new byte[1 << 12];
    long begin = 0;
    int example = 0;
    for (long from = 0; from < tokens.size(); from += block.length) {
      int many = (int) Math.min(block.length, tokens.size() - from);
      marks.get().read(from, block, 0, many);
      for (int i = 0; i < many; i++) {
        long at = from + i;
        if (at > 0 && (block[i] & TokenMarks.BEGIN) != 0) {
          begin = at;
          example++;
        }
        if (at - begin >= room) {
          throw new IllegalArgumentException(
              "example "
                  + example
                  + " has more than "
                  + room
                  + " tokens, and the teacher reads no more than "
                  + (room - 1)
                  + " before the last; leave longer examples out, or take a teacher with a longer"
                  + " context");
        }
      }
    }
  }

  void writeTo(
      FileChannel channel,
      TeacherHeader header,
      Cancellation cancellation,
      List<LearningListener> listeners)
      throws IOException {
    header.writeTo(channel);
    int whole = teacher.info().contextLength();
    int context = marks.isPresent() ? whole : Math.min(CONTEXT, whole);
    for (long from = 0; from < tokens.size(); ) {
      long end = end(from);
      // where it does not fit, the teacher reads on with the last half of what it has seen
      for (long done = from; done < end; ) {
        long begin = done == from ? from : done - context / 2;
        long to = Math.min(end, begin + context);
        try (Session session = teacher.open()) {
          read(session, begin, done, to, end, channel, cancellation);
        }
        if (marks.isPresent() && to == end - 1) { // the last token, after which nothing is learned
          ByteBuffer last = TeacherHeader.buffer(2 * count);
          put(false, logits[0], last);
          write(last, channel);
          to = end;
        }
        done = to;
        long written = done;
        listeners.forEach(
            listener -> listener.onProgress("ask the teacher", written, tokens.size()));
      }
      from = end;
    }
  }

  /** Where the example that begins here ends. */
  private long end(long from) {
    if (marks.isEmpty()) {
      return tokens.size();
    }
    long end = from + 1;
    while (end < tokens.size() && (mark(end) & TokenMarks.BEGIN) == 0) {
      end++;
    }
    return end;
  }

  private int mark(long at) {
    marks.orElseThrow().read(at, mark, 0, 1);
    return mark[0];
  }

  /** Reads tokens, and writes what is expected after those from {@code first} on. */
  private void read(
      Session session,
      long begin,
      long first,
      long to,
      long end,
      FileChannel channel,
      Cancellation cancellation)
      throws IOException {
    for (long at = begin; at < to; at += PIECE) {
      cancellation.throwIfCancelled();
      int[] piece = new int[(int) Math.min(PIECE, to - at)];
      tokens.read(at, piece, 0, piece.length);
      session.append(piece, Arrays.copyOf(logits, piece.length));
      ByteBuffer bytes = TeacherHeader.buffer(2 * count * piece.length);
      for (int i = 0; i < piece.length; i++) {
        if (at + i >= first) {
          put(isLearned(at + i + 1, end), logits[i], bytes);
        }
      }
      write(bytes, channel);
    }
  }

  private static void write(ByteBuffer bytes, FileChannel channel) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private boolean isLearned(long target, long end) {
    return target < end && (marks.isEmpty() || (mark(target) & TokenMarks.LEARNED) != 0);
  }

  private void put(boolean learned, float[] row, ByteBuffer bytes) {
    if (learned) {
      choose(row);
      double normaliser = logSumExp(row);
      for (int id : ids) {
        bytes.putInt(id);
      }
      for (double score : scores) {
        bytes.putFloat((float) Math.max(0, normaliser - score));
      }
    } else {
      for (int i = 0; i < count; i++) {
        bytes.putInt(0);
      }
      for (int i = 0; i < count; i++) {
        bytes.putFloat(Float.NaN);
      }
    }
  }

  /** Leaves the tokens of the largest logits, the largest first; of equal ones the lowest id. */
  private void choose(float[] row) {
    int chosen = 0;
    for (int id = 0; id < vocabulary; id++) {
      if (chosen == count && row[id] <= scores[count - 1]) {
        continue;
      }
      int place = chosen < count ? chosen++ : count - 1;
      while (place > 0 && row[id] > scores[place - 1]) {
        scores[place] = scores[place - 1];
        ids[place] = ids[place - 1];
        place--;
      }
      scores[place] = row[id];
      ids[place] = id;
    }
  }

  /** Over the tokenizer's tokens; a model may have more. */
  private double logSumExp(float[] row) {
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      sum += Exp.exp(row[id] - scores[0]);
    }
    return scores[0] + StrictMath.log(sum);
  }
}
