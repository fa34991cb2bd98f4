package io.fundamentallm.runtime.gpu.cache;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.memory.Memory;
import io.fundamentallm.runtime.gpu.memory.RowBlock;
import io.fundamentallm.runtime.gpu.memory.RowBlocks;
import io.fundamentallm.runtime.gpu.ort.FixedRuns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values stay where they are: the same rows go into a run and come out of it, and the run
 * appends to them. Truncating only shortens a length. Forks share a row until the second of them
 * continues. The sequences of a run have to be neighbours; they are copied together once, and stay
 * together.
 */
final class SharedBuffer implements CacheStrategy<SharedBuffer.InRow> {
  private final GraphSignature graph;
  private final Memory memory;
  private final @Nullable FixedRuns fixedRuns;
  private final RowBlocks blocks; // guarded by this, as are its blocks

  /**
   * A strategy for a graph.
   *
   * @param graph one that works in place
   * @param fixedRuns for runs of one token, if these are to have fixed shapes
   */
  SharedBuffer(
      GraphSignature graph, Memory memory, int contextLength, @Nullable FixedRuns fixedRuns) {
    this.graph = graph;
    this.memory = memory;
    this.blocks = new RowBlocks(graph, memory, contextLength);
    this.fixedRuns = fixedRuns;
  }

  @Override
  public String name() {
    return "keys and values in shared buffers "
        + memory.name()
        + ", as the graph "
        + (graph.capacity() > 0
            ? "has room for " + graph.capacity() + " tokens"
            : "appends to them in place");
  }

  /** The beginning of a row; without a block if it is empty. */
  final class InRow extends Past {
    private final @Nullable RowBlock block;
    private final int row;

    InRow(@Nullable RowBlock block, int row, int length) {
      super(length);
      this.block = block;
      this.row = row;
    }

    @Override
    void free() {
      if (block != null) {
        leaveRow(block, row);
      }
    }

    boolean canAppend() {
      return block != null && block.canAppend(row, length());
    }
  }

  @Override
  public InRow empty() {
    return new InRow(null, 0, 0);
  }

  @Override
  public boolean padsLeft() {
    return false;
  }

  /** GroupQueryAttention takes one token after any past, or several after none. */
  @Override
  public boolean joins(InRow first, int firstTokens, InRow next, int nextTokens) {
    if (graph.oneSequence() || graph.cachePosition().isPresent()) {
      return false;
    }
    if (firstTokens == 1 && nextTokens == 1) {
      return true;
    }
    return first.length() == 0
        && next.length() == 0
        && 2 * Math.min(firstTokens, nextTokens) >= Math.max(firstTokens, nextTokens);
  }

  @Override
  public Turn<InRow> turn(List<InRow> pasts, List<int[]> tokens) throws OrtException {
    Placement placement = place(pasts, tokens);
    try {
      for (int i = 0; i < pasts.size(); i++) {
        InRow past = pasts.get(i);
        int row = placement.from + placement.rows[i];
        boolean there = past.block == placement.block && past.row == row;
        if (past.block != null && past.length() > 0 && !there) {
          past.block.rows.copyTo(placement.block.rows, past.row, row, past.length());
        }
      }
      return run(placement, pasts, tokens);
    } catch (OrtException | RuntimeException | Error e) {
      placement.abandon();
      throw e;
    }
  }

  private Run run(Placement placement, List<InRow> pasts, List<int[]> tokens) throws OrtException {
    RowBlock.View view = placement.block.view(placement.from, pasts.size());
    try {
      FixedRuns.Fixed fixed =
          fixedRuns != null && tokens.stream().allMatch(some -> some.length == 1)
              ? view.fixed(fixedRuns)
              : null;
      return new Run(placement, view, fixed, pasts, tokens);
    } catch (OrtException | RuntimeException | Error e) {
      placement.block.release(view);
      throw e;
    }
  }

  /** Where the sequences of a run are, each already counted in its row. */
  private final class Placement {
    final RowBlock block;
    final int from;
    final int[] rows; // from there on

    Placement(RowBlock block, int from, int... rows) {
      this.block = block;
      this.from = from;
      this.rows = rows;
    }

    void abandon() {
      for (int row : rows) {
        leaveRow(block, from + row);
      }
    }
  }

  private synchronized Placement place(List<InRow> pasts, List<int[]> tokens) throws OrtException {
    int padded = 0;
    int longest = 0;
    for (int i = 0; i < pasts.size(); i++) {
      padded = Math.max(padded, tokens.get(i).length);
      longest = Math.max(longest, pasts.get(i).length());
    }
    Placement best = null;
    int max = 0;
    for (InRow past : pasts) {
      RowBlock block = past.block;
      if (block != null
          && block.rows.width() >= longest + padded
          && (best == null || block != best.block)) {
        for (int from = 0; from + pasts.size() <= block.rows.count(); from++) {
          Placement placement = new Placement(block, from, new int[pasts.size()]);
          int there = fit(placement, pasts);
          if (there > max) {
            max = there;
            best = placement;
          }
        }
      }
    }
    if (best == null) {
      RowBlock block = blocks.acquire(pasts.size(), longest + padded);
      best = new Placement(block, 0, new int[pasts.size()]);
      fit(best, pasts);
    }
    for (int i = 0; i < pasts.size(); i++) {
      best.block.add(best.from + best.rows[i], pasts.get(i).length() + tokens.get(i).length);
    }
    return best;
  }

  /**
   * Chooses rows: a sequence that can continue in place stays, the others get free rows.
   *
   * @return how many stay, or -1 if it is not possible
   */
  private static int fit(Placement placement, List<InRow> pasts) {
    int count = pasts.size();
    boolean[] taken = new boolean[count];
    int inPlace = 0;
    for (int i = 0; i < count; i++) {
      InRow past = pasts.get(i);
      int row = past.row - placement.from;
      placement.rows[i] = -1;
      if (past.block == placement.block
          && row >= 0
          && row < count
          && !taken[row]
          && past.canAppend()) {
        placement.rows[i] = row;
        taken[row] = true;
        inPlace++;
      }
    }
    int next = 0;
    for (int i = 0; i < count; i++) {
      if (placement.rows[i] < 0) {
        while (next < count && (taken[next] || !placement.block.isFree(placement.from + next))) {
          next++;
        }
        if (next == count) {
          return -1;
        }
        placement.rows[i] = next;
        taken[next] = true;
      }
    }
    return inPlace;
  }

  private synchronized void leaveRow(RowBlock block, int row) {
    block.remove(row);
    if (block.isEmpty()) {
      blocks.release(block);
    }
  }

  @Override
  public synchronized InRow truncate(InRow past, int length) {
    requireNonNull(past.block).share(past.row);
    return new InRow(past.block, past.row, length);
  }

  @Override
  public synchronized void close() {
    blocks.close();
    if (fixedRuns != null) {
      fixedRuns.close();
    }
    memory.close();
  }

  private final class Run implements Turn<InRow> {
    private final Placement placement;
    private final RowBlock.View view;
    private final FixedRuns.@Nullable Fixed fixed;
    private final List<InRow> pasts;
    private final List<int[]> tokens;
    private boolean taken;

    Run(
        Placement placement,
        RowBlock.View view,
        FixedRuns.@Nullable Fixed fixed,
        List<InRow> pasts,
        List<int[]> tokens) {
      this.placement = placement;
      this.view = view;
      this.fixed = fixed;
      this.pasts = pasts;
      this.tokens = tokens;
    }

    private int length(int sequence) {
      return pasts.get(sequence).length() + tokens.get(sequence).length;
    }

    @Override
    public int row(int sequence) {
      return placement.rows[sequence];
    }

    @Override
    public FixedRuns.@Nullable Fixed fixed() {
      return fixed;
    }

    @Override
    public int total() {
      if (fixed != null) {
        return placement.block.rows.width();
      }
      int longest = 0;
      for (int i = 0; i < pasts.size(); i++) {
        longest = Math.max(longest, length(i));
      }
      return longest;
    }

    @Override
    public void feed(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pinned) {
      for (int i = 0; i < graph.slots().size(); i++) {
        inputs.put(graph.slots().get(i).past(), view.tensors().get(i));
        pinned.put(graph.slots().get(i).present(), view.tensors().get(i));
      }
    }

    @Override
    public Set<String> outputs() {
      return Set.of();
    }

    @Override
    public List<InRow> take(@Nullable Result result) {
      requireNonNull(result).close();
      taken = true;
      List<InRow> nexts = new ArrayList<>(pasts.size());
      for (int i = 0; i < pasts.size(); i++) {
        nexts.add(new InRow(placement.block, placement.from + row(i), length(i)));
      }
      return nexts;
    }

    @Override
    public void close() {
      placement.block.release(view);
      if (!taken) {
        placement.abandon();
      }
    }
  }
}
