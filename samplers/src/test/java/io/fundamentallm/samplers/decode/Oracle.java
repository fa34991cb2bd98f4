package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.DraftProposer;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Knows the text, and errs as often as it is told to. */
final class Oracle implements DraftProposer {
  /** How many tokens each call asked for. */
  final List<Integer> asked = new ArrayList<>();

  private final List<Integer> text;
  private final double errs;
  private final SplittableRandom random = new SplittableRandom(5);
  int closed;

  Oracle(List<Integer> text, double errs) {
    this.text = text;
    this.errs = errs;
  }

  @Override
  public Draft propose(Transcript sequence, int count, Cancellation cancellation) {
    asked.add(count);
    int at = sequence.history().generated();
    List<Integer> guess = new ArrayList<>();
    for (int i = at; i < Math.min(text.size(), at + count); i++) {
      guess.add(random.nextDouble() < errs ? (text.get(i) == 0 ? 1 : 0) : text.get(i));
    }
    return new Draft(guess, List.of());
  }

  @Override
  public void close() {
    closed++;
  }
}
