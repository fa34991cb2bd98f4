package io.fundamentallm.runtime.gpu.cache;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession.Result;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** For a graph that keeps nothing: each run sees the whole sequence. Slow, but correct. */
final class Recomputation implements CacheStrategy<Recomputation.Tokens> {
  static final class Tokens extends Past {
    private final int[] tokens;

    Tokens(int... tokens) {
      super(tokens.length);
      this.tokens = tokens;
    }

    @Override
    void free() {}
  }

  @Override
  public String name() {
    return "no keys and values kept, since the graph takes none: each token computes all before it";
  }

  @Override
  public Tokens empty() {
    return new Tokens();
  }

  @Override
  public int[] recomputed(Tokens past) {
    return past.tokens;
  }

  @Override
  public boolean padsLeft() {
    return false;
  }

  @Override
  public boolean joins(Tokens first, int firstTokens, Tokens next, int nextTokens) {
    return false;
  }

  @Override
  public Turn<Tokens> turn(List<Tokens> pasts, List<int[]> tokens) {
    int[] before = recomputed(pasts.get(0));
    int[] all = Arrays.copyOf(before, before.length + tokens.get(0).length);
    System.arraycopy(tokens.get(0), 0, all, before.length, tokens.get(0).length);
    return new Whole(all);
  }

  /** A run of the whole sequence. */
  private record Whole(int... all) implements Turn<Tokens> {
    @Override
    public int row(int sequence) {
      return 0;
    }

    @Override
    public int total() {
      return all.length;
    }

    @Override
    public void feed(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pinned) {}

    @Override
    public Set<String> outputs() {
      return Set.of();
    }

    @Override
    public List<Tokens> take(@Nullable Result result) {
      if (result != null) {
        result.close();
      }
      return List.of(new Tokens(all));
    }

    @Override
    public void close() {}
  }

  @Override
  public Tokens truncate(Tokens past, int length) {
    return new Tokens(Arrays.copyOf(recomputed(past), length));
  }

  @Override
  public void close() {}
}
