package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.Append;
import java.util.Arrays;

/**
 * The rows of a pass whose logits or hidden states are requested, those with logits first, and
 * where the results go.
 */
final class Results {
  private static final float[] NONE = {};

  private final int[] rowOf;
  private final float[][] logits;
  private final float[][] hidden;
  private int count;
  private int logitCount;

  Results(int max) {
    rowOf = new int[max];
    logits = new float[max][];
    hidden = new float[max][];
  }

  /** Collects them from the appends of a pass. */
  void collect(Rows rows) {
    count = 0;
    collect(rows, true);
    logitCount = count;
    collect(rows, false);
  }

  private void collect(Rows rows, boolean withLogits) {
    for (int piece = 0; piece < rows.pieces(); piece++) {
      Append append = rows.append(piece);
      float[][] logitRows = append.logits();
      float[][] hiddenRows = append.hidden();
      for (int i = rows.rereadRows(piece); i < rows.rowsOf(piece); i++) {
        int beforeEnd = rows.beforeEnd(piece) - i;
        boolean wantsLogits = beforeEnd <= logitRows.length;
        boolean wantsHidden = beforeEnd <= hiddenRows.length;
        if (withLogits ? wantsLogits : wantsHidden && !wantsLogits) {
          rowOf[count] = rows.firstRow(piece) + i;
          logits[count] = wantsLogits ? logitRows[logitRows.length - beforeEnd] : NONE;
          hidden[count] = wantsHidden ? hiddenRows[hiddenRows.length - beforeEnd] : NONE;
          count++;
        }
      }
    }
  }

  /** Releases the arrays, which belong to the caller. */
  void end() {
    Arrays.fill(logits, NONE);
    Arrays.fill(hidden, NONE);
  }

  int count() {
    return count;
  }

  /** How many need logits; they come first. */
  int logitCount() {
    return logitCount;
  }

  int row(int result) {
    return rowOf[result];
  }

  float[] logits(int result) {
    return logits[result];
  }

  /** Empty if none is requested. */
  float[] hidden(int result) {
    return hidden[result];
  }
}
