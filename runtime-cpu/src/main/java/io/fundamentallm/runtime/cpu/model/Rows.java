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
  private final boolean[] beyond;
  private int pieces;

  private List<Append> batch = List.of();
  private int append;
  private boolean longer; // the positions of the append that lie beyond LongRoPE's trained context
  private int done;

  Rows(int max) {
    tokens = new int[max];
    positions = new int[max];
    appendOf = new int[max];
    firstRow = new int[max];
    rowsOf = new int[max];
    beyond = new boolean[max];
  }

  /** Takes a new batch. */
  void begin(List<Append> batch) {
    this.batch = batch;
    append = 0;
    longer = false;
    done = 0;
  }

  /** Lays out the next pass; false when the batch is done. */
  boolean next() {
    count = 0;
    pieces = 0;
    while (append < batch.size() && count < tokens.length) {
      CpuSession session = (CpuSession) batch.get(append).session();
      int from = session.firstPosition(longer) + done;
      int to = session.endPosition(longer);
      if (from < to && longer && done == 0 && pieces > 0 && appendOf[pieces - 1] == append) {
        break; // its earlier rows must have been computed with the cache as it was
      }
      int take = Math.min(to - from, tokens.length - count);
      if (take > 0) {
        lay(session, from, take);
      }
      if (from + take == to) {
        append += longer ? 1 : 0;
        longer = !longer;
        done = 0;
      }
    }
    return count > 0;
  }

  /** Adds a piece. */
  private void lay(CpuSession session, int from, int take) {
    int[] fresh = batch.get(append).tokens();
    int length = session.length();
    for (int i = 0; i < take; i++) {
      int position = from + i;
      tokens[count + i] =
          position < length ? session.pastToken(position) : fresh[position - length];
      positions[count + i] = position;
    }
    appendOf[pieces] = append;
    firstRow[pieces] = count;
    beyond[pieces] = longer;
    rowsOf[pieces++] = take;
    count += take;
    done += take;
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

  /** How many of a piece's first rows are only read again, for no result. */
  int rereadRows(int piece) {
    int first = positions[firstRow[piece]];
    return Math.max(0, session(piece).firstNew(beyond[piece]) - first);
  }

  /** Whether a piece belongs to a sequence beyond the trained context of LongRoPE. */
  boolean beyond(int piece) {
    return beyond[piece];
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
