package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.Append;
import java.util.List;

/**
 * Cuts a batch into passes of limited size: which rows are computed together, and which token,
 * position and session each belongs to. A row is a token; the rows of one append in one pass are a
 * piece.
 */
final class Rows {
  private final int[] tokens;
  private final int[] positions;
  private int count;

  // pieces of the pass: append, first row, rows
  private final int[] appendOf;
  private final int[] firstRow;
  private final int[] rowsOf;
  private int pieces;

  private List<Append> batch = List.of();
  private int append;
  private int done;

  Rows(int max) {
    tokens = new int[max];
    positions = new int[max];
    appendOf = new int[max];
    firstRow = new int[max];
    rowsOf = new int[max];
  }

  /** Takes a new batch. */
  void begin(List<Append> batch) {
    this.batch = batch;
    append = 0;
    done = 0;
  }

  /** Lays out the next pass; false when the batch is done. */
  boolean next() {
    count = 0;
    pieces = 0;
    while (append < batch.size() && count < tokens.length) {
      int[] all = batch.get(append).tokens();
      int take = Math.min(all.length - done, tokens.length - count);
      int start = batch.get(append).session().length() + done;
      for (int i = 0; i < take; i++) {
        tokens[count + i] = all[done + i];
        positions[count + i] = start + i;
      }
      appendOf[pieces] = append;
      firstRow[pieces] = count;
      rowsOf[pieces++] = take;
      count += take;
      done += take;
      if (done == all.length) {
        append++;
        done = 0;
      }
    }
    return count > 0;
  }

  /** Releases the batch, which belongs to the caller. */
  void end() {
    batch = List.of();
  }

  int count() {
    return count;
  }

  int token(int row) {
    return tokens[row];
  }

  int position(int row) {
    return positions[row];
  }

  /** The largest position of the pass. */
  int lastPosition() {
    int last = 0;
    for (int i = 0; i < count; i++) {
      last = Math.max(last, positions[i]);
    }
    return last;
  }

  int pieces() {
    return pieces;
  }

  Append append(int piece) {
    return batch.get(appendOf[piece]);
  }

  CpuSession session(int piece) {
    return (CpuSession) append(piece).session();
  }

  int firstRow(int piece) {
    return firstRow[piece];
  }

  int rowsOf(int piece) {
    return rowsOf[piece];
  }

  /**
   * How many rows before the end of its append the first row of a piece is; the last row of an
   * append is 1 before it.
   */
  int beforeEnd(int piece) {
    Append whole = append(piece);
    return whole.session().length() + whole.tokens().length - positions[firstRow[piece]];
  }
}
