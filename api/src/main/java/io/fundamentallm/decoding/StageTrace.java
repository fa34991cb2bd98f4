package io.fundamentallm.decoding;

import java.util.ArrayList;
import java.util.List;

/**
 * What one stage did to the distribution of one token. Immutable.
 *
 * @param stage its name in the spec
 * @param before the distribution it was given
 * @param after the one it left
 */
public record StageTrace(String stage, Distribution before, Distribution after) {
  /**
   * A token whose probability changed.
   *
   * @param token its id
   * @param before its probability before the stage
   * @param after its probability after the stage
   */
  public record Change(int token, double before, double after) {}

  /** The tokens that the stage made impossible, in order of id. */
  public List<Change> removed() {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      if (before.probabilityAt(i) > 0 && after.probability(before.token(i)) == 0) {
        changes.add(new Change(before.token(i), before.probabilityAt(i), 0));
      }
    }
    return changes;
  }

  /**
   * The remaining tokens whose share among those remaining changed by more than rounding, in order
   * of id; a filter does not move what it keeps.
   */
  public List<Change> moved() {
    double left = massLeft();
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      double now = after.probabilityAt(i);
      double previous = before.probability(after.token(i));
      if (now > 0 && Math.abs(now - previous / left) > 1e-6) {
        changes.add(new Change(after.token(i), previous, now));
      }
    }
    return changes;
  }

  /** The probability mass, before this stage, of the tokens that remain; in [0, 1]. */
  public double massLeft() {
    double mass = 0;
    for (int i = 0; i < after.size(); i++) {
      if (after.probabilityAt(i) > 0) {
        mass += before.probability(after.token(i));
      }
    }
    return Math.min(1, mass);
  }
}
