package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession.Result;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** For a graph that keeps nothing: each run sees the whole sequence. Slow, but right. */
final class Recomputation implements CacheStrategy {
  @Override
  public String name() {
    return "no keys and values kept, since the graph takes none: each token computes all before it";
  }

  @Override
  public Past empty() {
    return Past.ofTokens(new int[0]);
  }

  @Override
  public Set<String> outputs() {
    return Set.of();
  }

  @Override
  public int[] again(Past past) {
    return past.tokens();
  }

  @Override
  public void feed(Past past, Map<String, OnnxTensor> inputs) {}

  @Override
  public Past take(Past past, int[] tokens, @Nullable Result result) {
    if (result != null) {
      result.close();
    }
    int[] all = Arrays.copyOf(past.tokens(), past.length() + tokens.length);
    System.arraycopy(tokens, 0, all, past.length(), tokens.length);
    return Past.ofTokens(all);
  }

  @Override
  public Past truncate(Past past, int length) {
    return Past.ofTokens(Arrays.copyOf(past.tokens(), length));
  }
}
