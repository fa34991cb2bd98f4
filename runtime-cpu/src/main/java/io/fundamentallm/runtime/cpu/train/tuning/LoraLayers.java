package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.train.parameter.NamePatterns;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.training.FineTuning;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which linear layers of a model have an adapter.
 *
 * @param tensors their matrices, in the model's order
 * @param targets what PEFT's file calls them: parts of their names if these stand for all of them,
 *     else each whole name
 */
record LoraLayers(List<Tensor> tensors, List<String> targets) {
  private static final String WEIGHT = ".weight";

  /**
   * The layers that a plan targets and does not freeze.
   *
   * @throws IllegalArgumentException for a name that no layer has
   */
  static LoraLayers of(FineTuning plan, FineTuning.Lora lora, ParameterLayout layout) {
    NamePatterns frozen = new NamePatterns("frozen", plan.frozen());
    frozen.requireAllMatch(
        Stream.concat(layout.tensors().stream(), layout.matrices().stream())
            .map(layout::fullName)
            .toList());
    List<Tensor> linear =
        layout.matrices().isEmpty()
            ? layout.tensors().stream().filter(Tensor::hidden).toList()
            : layout.matrices();
    List<String> parts =
        List.copyOf(new TreeSet<>(linear.stream().map(LoraLayers::lastPart).toList()));
    for (String target : lora.targets()) {
      if (linear.stream().noneMatch(tensor -> matches(target, module(layout, tensor)))) {
        throw new IllegalArgumentException(
            "target \""
                + target
                + "\" is no linear layer of the model's blocks; there are "
                + parts);
      }
    }
    List<String> asked = lora.targets().isEmpty() ? parts : lora.targets();
    List<Tensor> targeted =
        linear.stream()
            .filter(t -> asked.stream().anyMatch(target -> matches(target, module(layout, t))))
            .toList();
    List<Tensor> adapted =
        targeted.stream().filter(t -> !frozen.match(layout.fullName(t))).toList();
    if (adapted.isEmpty()) {
      throw new IllegalArgumentException(
          "all layers that adapters are asked for are frozen; nothing is trained");
    }
    boolean all = adapted.size() == targeted.size();
    return new LoraLayers(
        adapted, all ? asked : adapted.stream().map(t -> module(layout, t)).toList());
  }

  /** The layers with the paths of their modules. */
  List<Adapters.Matrix> matrices(ParameterLayout layout) {
    return tensors.stream().map(t -> new Adapters.Matrix(module(layout, t), t)).toList();
  }

  /** The module's path in Hugging Face's model. */
  private static String module(ParameterLayout layout, Tensor tensor) {
    String name = layout.fullName(tensor);
    return name.substring(0, name.length() - WEIGHT.length());
  }

  /** PEFT's rule: the whole path, or what follows a dot in it. */
  private static boolean matches(String target, String module) {
    return module.equals(target) || module.endsWith("." + target);
  }

  private static String lastPart(Tensor tensor) {
    String path = tensor.name().substring(0, tensor.name().length() - WEIGHT.length());
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
