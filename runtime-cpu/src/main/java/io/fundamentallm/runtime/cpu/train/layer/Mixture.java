package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.product.TeamProduct;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.layer.MixtureActivations.Gradients;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of experts (Shazeer et al. 2017): each row goes through the feed-forward layers that
 * the router finds most probable for it, and their outputs are weighted by its probabilities. One
 * expert may be for all rows. The gradient goes to the router through the weights, and through
 * {@link Balance}. Symbols: E experts, k of them for a row.
 */
final class Mixture implements BranchLayer {
  private final Compute compute;
  private final int channels;
  private final int count; // E
  private final int used; // k
  private final int inner;
  private final TopKRouter router;
  private final FeedForward[] experts;
  private final @Nullable FeedForward shared;
  private final @Nullable Linear sharedGate;
  private final float[][] weighted; // [slot][C]
  private TrainedLinears trained = TrainedLinears.ALL;

  Mixture(Compute compute, TrainableConfig config, int layer, BlockLayout at) {
    this.compute = compute;
    TransformerConfig.Experts shape = Objects.requireNonNull(config.shape().experts(layer));
    BlockLayout.Router routing = Objects.requireNonNull(at.router());
    channels = config.hiddenSize();
    inner = config.innerSize();
    count = shape.count();
    used = shape.used();
    router = new TopKRouter(compute, channels, shape, routing.weight());
    experts = new FeedForward[count];
    Arrays.setAll(experts, i -> new FeedForward(compute, config, at.experts().get(i), inner));
    shared =
        routing.shared() == null
            ? null
            : new FeedForward(compute, config, routing.shared(), shape.sharedSize());
    sharedGate =
        routing.shared() == null
            ? null
            : new Linear(channels, 1, routing.sharedGate(), ParameterLayout.NONE, true);
    weighted = new float[compute.slots()][channels];
  }

  @Override
  public void freezeAllBut(TrainedTensors tensors) {
    List<Linear> own = new ArrayList<>(List.of(router.linear()));
    if (shared != null && sharedGate != null) {
      own.add(sharedGate);
      shared.freezeAllBut(tensors);
    }
    trained = TrainedLinears.of(tensors, own);
    for (FeedForward expert : experts) {
      expert.freezeAllBut(tensors);
    }
  }

  @Override
  public void forward(float[] parameters, Pass pass, Floats x, BlockActivations a, Floats y) {
    MixtureActivations m = a.mixture();
    again(parameters, pass, x, a);
    ElementwiseKernels kernels = compute.kernels().elementwise();
    compute.rows(
        pass.rows(),
        (from, rows, slot) -> {
          Arrays.fill(y.array(), y.at(from * channels), y.at((from + rows) * channels), 0f);
          for (int row = from; row < from + rows; row++) {
            for (int i = row * used; i < (row + 1) * used; i++) {
              addWeighted(kernels, m.outputs, m.places[i], m.weights[i], y, row, slot);
            }
            if (shared != null) {
              float weight = m.sharedWeights.array()[m.sharedWeights.at(row)];
              addWeighted(kernels, m.sharedOutputs, row, weight, y, row, slot);
            }
          }
        });
  }

  /** Counts how rows chose, for {@link Balance}; once for each pass. */
  void count(BlockActivations a, Pass pass, Gradients balance) {
    router.count(a.mixture(), pass, balance);
  }

  private void addWeighted(
      ElementwiseKernels kernels, Floats x, int place, float weight, Floats y, int row, int slot) {
    float[] own = weighted[slot];
    System.arraycopy(x.array(), x.at(place * channels), own, 0, channels);
    kernels.scale(channels, weight, own, 0);
    kernels.add(channels, own, 0, y.array(), y.at(row * channels));
  }

  /** The outputs of experts are among what backward needs. */
  @Override
  public void again(float[] parameters, Pass pass, Floats x, BlockActivations a) {
    MixtureActivations m = a.mixture();
    int all = pass.rows();
    router.choose(parameters, all, x, m);
    compute.rows(
        all,
        (from, rows, slot) -> {
          for (int i = from * used; i < (from + rows) * used; i++) {
            copyRow(x, i / used, m.gathered, m.places[i]);
          }
        });
    for (int e = 0; e < count; e++) {
      int start = m.starts[e];
      int rows = m.starts[e + 1] - start;
      if (rows > 0) {
        experts[e].forward(
            parameters,
            rows,
            rows(m.gathered, start, channels),
            rows(m.hidden, start, 2 * inner),
            rows(m.activated, start, inner),
            rows(m.outputs, start, channels));
      }
    }
    if (shared != null && sharedGate != null) {
      shared.forward(parameters, all, x, m.sharedHidden, m.sharedActivated, m.sharedOutputs);
      sharedGate.forward(compute.product(), parameters, all, x, m.sharedWeights);
      for (int i = m.sharedWeights.at(); i < m.sharedWeights.at(all); i++) {
        float[] gate = m.sharedWeights.array();
        gate[i] = (float) (1 / (1 + StrictMath.exp(-gate[i])));
      }
    }
  }

  private void copyRow(Floats from, int row, Floats to, int place) {
    System.arraycopy(
        from.array(), from.at(row * channels), to.array(), to.at(place * channels), channels);
  }

  private static Floats rows(Floats x, int first, int width) {
    return new Floats(x.array(), x.at(first * width));
  }

  @Override
  public void backward(Backward b, Floats x, BlockActivations a, Floats dout, Activations all) {
    MixtureActivations m = a.mixture();
    Gradients g = all.mixture();
    int count = b.pass().rows();
    TeamProduct product = compute.product();
    compute.rows(count, (from, rows, slot) -> scatter(b.pass(), m, g, from, rows, dout));
    for (int e = 0; e < experts.length; e++) {
      int start = m.starts[e];
      if (m.starts[e + 1] == start && !b.fresh()) {
        continue; // nothing to add
      }
      experts[e].backward(
          b,
          m.starts[e + 1] - start,
          rows(m.gathered, start, channels),
          rows(m.hidden, start, 2 * inner),
          rows(m.activated, start, inner),
          rows(g.doutputs, start, channels),
          rows(g.dactivated, start, inner),
          rows(g.dhidden, start, 2 * inner),
          rows(g.dgathered, start, channels));
    }
    router.linear().backward(product, b.parameters(), count, g.dprobabilities, all.dnormed);
    trained.gradients(router.linear(), product, b, count, x, g.dprobabilities);
    if (shared != null && sharedGate != null) {
      shared.backward(
          b,
          count,
          x,
          m.sharedHidden,
          m.sharedActivated,
          g.dsharedOutputs,
          g.dsharedActivated,
          g.dsharedHidden,
          g.dshared);
      trained.gradients(sharedGate, product, b, count, x, g.dsharedWeights);
    }
    compute.rows(count, (from, rows, slot) -> gather(b, m, g, from, rows, all.dnormed, slot));
  }

  /** The gradients of the experts' outputs and of the router's logits. */
  private void scatter(
      Pass pass, MixtureActivations m, Gradients g, int from, int rows, Floats dout) {
    ElementwiseKernels elements = compute.kernels().elementwise();
    ProductKernels products = compute.kernels().product();
    for (int row = from; row < from + rows; row++) {
      int dy = dout.at(row * channels);
      for (int i = row * used; i < (row + 1) * used; i++) {
        int place = m.places[i] * channels;
        g.dweights[i] =
            products.dot(channels, m.outputs.array(), m.outputs.at(place), dout.array(), dy);
        copyRow(dout, row, g.doutputs, m.places[i]);
        elements.scale(channels, m.weights[i], g.doutputs.array(), g.doutputs.at(place));
      }
      router.backward(pass, m, g, row);
      if (shared != null) {
        int at = m.sharedWeights.at(row);
        float weight = m.sharedWeights.array()[at];
        float dweight =
            products.dot(
                channels,
                m.sharedOutputs.array(),
                m.sharedOutputs.at(row * channels),
                dout.array(),
                dy);
        g.dsharedWeights.array()[g.dsharedWeights.at(row)] = dweight * weight * (1 - weight);
        copyRow(dout, row, g.dsharedOutputs, row);
        elements.scale(
            channels, weight, g.dsharedOutputs.array(), g.dsharedOutputs.at(row * channels));
      }
    }
  }

  /** Adds what comes back from the experts to some rows of dx. */
  private void gather(
      Backward b, MixtureActivations m, Gradients g, int from, int rows, Floats dx, int slot) {
    ElementwiseKernels elements = compute.kernels().elementwise();
    for (int row = from; row < from + rows; row++) {
      int at = dx.at(row * channels);
      for (int i = row * used; i < (row + 1) * used; i++) {
        int place = g.dgathered.at(m.places[i] * channels);
        elements.add(channels, g.dgathered.array(), place, dx.array(), at);
      }
      if (sharedGate != null) {
        elements.add(channels, g.dshared.array(), g.dshared.at(row * channels), dx.array(), at);
        float[] own = weighted[slot];
        System.arraycopy(b.parameters(), sharedGate.weight(), own, 0, channels);
        float dlogit = g.dsharedWeights.array()[g.dsharedWeights.at(row)];
        elements.scale(channels, dlogit, own, 0);
        elements.add(channels, own, 0, dx.array(), at);
      }
    }
  }
}
