package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of a flat array that is trained; the rest does not change.
 *
 * @param tensors whole ones; of a position table only the rows of positions that are seen
 * @param size the length of the array
 */
public record TrainedTensors(List<Tensor> tensors, int size) implements FlatLayout {

  public TrainedTensors {
    tensors = List.copyOf(tensors);
  }

  /** What a plan trains of a model's own weights. */
  public static TrainedTensors of(TrainingPlan plan, ParameterLayout layout) {
    NamePatterns frozen =
        new NamePatterns("frozen", plan.fineTuning().map(FineTuning::frozen).orElse(List.of()));
    NamePatterns undecayed = new NamePatterns("undecayed", plan.undecayed());
    List<String> names = layout.tensors().stream().map(layout::fullName).toList();
    frozen.requireAllMatch(names);
    undecayed.requireAllMatch(names);
    boolean sinusoidal = ModelRecipe.of(plan, 1).sinusoidal();
    List<Tensor> trained = new ArrayList<>();
    for (Tensor tensor : layout.tensors()) {
      String name = layout.fullName(tensor);
      boolean table = sinusoidal && tensor.offset() == layout.positionEmbedding();
      if (!table && !frozen.match(name)) {
        boolean decayed = tensor.decayed() && !undecayed.match(name);
        trained.add(
            new Tensor(tensor.name(), seen(tensor, layout, plan), tensor.offset(), decayed));
      }
    }
    if (trained.isEmpty()) {
      throw new IllegalArgumentException("all tensors of the model are frozen; nothing is trained");
    }
    return new TrainedTensors(trained, layout.size());
  }

  /** Positions beyond the windows have no gradient, so they must not decay either. */
  private static List<Integer> seen(Tensor tensor, ParameterLayout layout, TrainingPlan plan) {
    return tensor.offset() == layout.positionEmbedding()
        ? List.of(Math.min(plan.contextLength(), tensor.shape().get(0)), tensor.shape().get(1))
        : tensor.shape();
  }

  /** Whether any of them is in a range of the array. */
  public boolean touch(int from, int count) {
    return tensors.stream()
        .anyMatch(t -> t.offset() < from + count && from < t.offset() + t.size());
  }
}
