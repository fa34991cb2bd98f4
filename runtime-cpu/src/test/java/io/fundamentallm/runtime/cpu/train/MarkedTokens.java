package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.training.TeacherTokens;
import io.fundamentallm.training.TokenMarks;
import io.fundamentallm.training.TokenSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Examples for tests. One thread at a time while it is filled. */
public final class MarkedTokens implements TokenSequence {
  private final List<Integer> tokens = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final List<int[]> expected = new ArrayList<>();
  private final List<float[]> logProbabilities = new ArrayList<>();

  /** Adds an example, of which the tokens from a place on are learned. */
  public MarkedTokens add(int[] example, int learnedFrom, boolean unit) {
    for (int i = 0; i < example.length; i++) {
      tokens.add(example[i]);
      marks.add(
          i == 0
              ? TokenMarks.BEGIN | (unit ? TokenMarks.UNIT : 0)
              : i >= learnedFrom ? TokenMarks.LEARNED : 0);
    }
    return this;
  }

  /** Adds what a teacher expects after the next token that has no expectation yet. */
  void expect(int[] ids, float[] logs) {
    expected.add(ids);
    logProbabilities.add(logs);
  }

  @Override
  public long size() {
    return tokens.size();
  }

  @Override
  public void read(long from, int[] into, int offset, int count) {
    for (int i = 0; i < count; i++) {
      into[offset + i] = tokens.get((int) from + i);
    }
  }

  @Override
  public Optional<TokenMarks> marks() {
    return Optional.of(
        (from, into, offset, count) -> {
          for (int i = 0; i < count; i++) {
            into[offset + i] = marks.get((int) from + i).byteValue();
          }
        });
  }

  @Override
  public Optional<TeacherTokens> teacher() {
    return expected.isEmpty() ? Optional.empty() : Optional.of(new Expected());
  }

  private final class Expected implements TeacherTokens {
    @Override
    public int count() {
      return expected.get(0).length;
    }

    @Override
    public void read(long from, int[] ids, float[] logs, int offset, int count) {
      for (int i = 0; i < count; i++) {
        int at = (int) from + i;
        System.arraycopy(expected.get(at), 0, ids, (offset + i) * count(), count());
        System.arraycopy(logProbabilities.get(at), 0, logs, (offset + i) * count(), count());
      }
    }

    @Override
    public String fingerprint() {
      return "of a test";
    }
  }
}
