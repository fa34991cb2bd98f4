package io.fundamentallm.samplers.decode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/** The best few candidates, in a heap, so that nearly all others cost one comparison. */
final class BestCandidates implements Candidates {
  private final int count;

  /** The worst of the selected ones first. */
  private final PriorityQueue<Candidate> best =
      new PriorityQueue<>(Collections.reverseOrder(Candidate.BEST_FIRST));

  private double worst;

  BestCandidates(int count) {
    this.count = count;
  }

  @Override
  public void offer(int beam, int token, double sum, double logProbability) {
    if (best.size() < count) {
      best.add(new Candidate(beam, token, sum, logProbability));
    } else if (sum > worst) { // an equal sum that comes later is worse
      best.poll();
      best.add(new Candidate(beam, token, sum, logProbability));
    } else {
      return;
    }
    worst = best.peek().sum();
  }

  @Override
  public List<Candidate> take(long position) {
    List<Candidate> taken = new ArrayList<>(best);
    taken.sort(Candidate.BEST_FIRST);
    best.clear();
    return taken;
  }
}
