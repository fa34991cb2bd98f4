package io.fundamentallm.runtime.cpu.format.spec;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the tensors of a model are called, without the {@code .weight} and {@code .bias} at the end.
 *
 * @param prefix of all names, which may be missing, such as {@code model.}
 * @param layers what precedes the number of a layer; a dot and a part's name come after it
 * @param parts the names of those parts that there are
 */
public record TensorNames(String prefix, String layers, Map<Part, String> parts) {
  /** Keeps its own copy. */
  public TensorNames {
    parts = Collections.unmodifiableMap(new EnumMap<>(parts));
  }

  /** The same with another name for a part, or with a part more. */
  public TensorNames with(Part part, String name) {
    Map<Part, String> changed = new EnumMap<>(parts);
    changed.put(part, name);
    return new TensorNames(prefix, layers, changed);
  }

  /** The same without some parts. */
  public TensorNames without(Part... missing) {
    Map<Part, String> changed = new EnumMap<>(parts);
    for (Part part : missing) {
      changed.remove(part);
    }
    return new TensorNames(prefix, layers, changed);
  }

  /** The same where all lies in a module. */
  public TensorNames within(String module) {
    Map<Part, String> changed = new EnumMap<>(parts);
    changed.replaceAll((part, name) -> part.inLayer() ? name : module + name);
    return new TensorNames(module + prefix, module + layers, changed);
  }

  /** The same where all but the head lies in a module of the transformer. */
  public TensorNames inside(String module) {
    String deeper = prefix + module;
    Map<Part, String> changed = new EnumMap<>(parts);
    changed.replaceAll(
        (part, name) ->
            part.inLayer() || !name.startsWith(prefix)
                ? name
                : deeper + name.substring(prefix.length()));
    return new TensorNames(deeper, deeper + layers.substring(prefix.length()), changed);
  }

  /** Whether there is such a part. */
  public boolean has(Part part) {
    return parts.containsKey(part);
  }

  /** Whether all experts of a layer, their gates and what these multiply, are one parameter. */
  public boolean fusedExperts() {
    @Nullable String gate = parts.get(Part.EXPERT_GATE);
    return gate != null && gate.equals(parts.get(Part.EXPERT_UP));
  }

  /** The name of a part of the whole model. */
  public String of(Part part) {
    return known(part);
  }

  /** The name of a part of a layer. */
  public String of(Part part, int layer) {
    return layers + layer + "." + known(part);
  }

  private String known(Part part) {
    @Nullable String name = parts.get(part);
    if (name == null) {
      throw new IllegalArgumentException("there is no " + part);
    }
    return name;
  }
}
