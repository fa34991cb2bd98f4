package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The description of a family: what is in its files, and which of the transformer's switches they
 * set. There is no other code for a family.
 *
 * @param type {@code model_type} in config.json
 * @param className its class in transformers
 * @param keys config.json as transformers assumes it where keys are missing. It has every key that
 *     the family's classes read and other families' do not; a key that is not there is not read
 * @param renamed keys that have another name in this family, by their usual name
 * @param required keys that may have one value only, as written in JSON
 * @param traits what no key says
 * @param names of the tensors in Hugging Face's files
 * @param gguf the same in GGUF files
 */
public record Family(
    String type,
    String className,
    Map<String, @Nullable Object> keys,
    Map<String, String> renamed,
    Map<String, String> required,
    Set<Trait> traits,
    TensorNames names,
    Gguf gguf) {

  /**
   * GGUF files of a family.
   *
   * @param architecture as llama.cpp calls it
   * @param order of the rows of queries and keys
   * @param names of tensors that have another name than in most architectures
   * @param wideLayers models with so many layers scale queries by hidden size / heads, others by
   *     head size; llama.cpp tells them apart in this way, because no key does. 0 for no such rule
   * @param settings of config.json that all such files have, although no key says so
   */
  public record Gguf(
      String architecture,
      HeadOrder order,
      Map<Part, String> names,
      int wideLayers,
      Map<String, Object> settings) {
    /** With the usual names and rules. */
    public static Gguf of(String architecture, HeadOrder order) {
      return new Gguf(architecture, order, Map.of(), 0, Map.of());
    }

    /** The same with a setting. */
    public Gguf with(String key, Object value) {
      return new Gguf(architecture, order, names, wideLayers, Map.of(key, value));
    }
  }

  /** A family that calls its keys as most do. */
  public static Family of(
      String type, String className, String keys, TensorNames names, Gguf gguf, Trait... traits) {
    Set<Trait> set = EnumSet.noneOf(Trait.class);
    set.addAll(List.of(traits));
    return new Family(type, className, Json.object(keys), Map.of(), Map.of(), set, names, gguf);
  }

  /** The same with other names of keys. */
  public Family renamed(Map<String, String> names) {
    return new Family(type, className, keys, names, required, traits, this.names, gguf);
  }

  /** The same with keys that may have one value only. */
  public Family required(Map<String, String> values) {
    return new Family(type, className, keys, renamed, new TreeMap<>(values), traits, names, gguf);
  }

  /** Whether a trait is one of this family's. */
  public boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /** Whether its classes read a key. */
  public boolean reads(String key) {
    return keys.containsKey(key(key));
  }

  /** A key's default, if that is a number. */
  public double number(String key, double other) {
    return keys.get(key(key)) instanceof BigDecimal number ? number.doubleValue() : other;
  }

  /** This family's name of a key. */
  public String key(String usual) {
    return renamed.getOrDefault(usual, usual);
  }

  /** The names of its tensors in GGUF files. */
  public TensorNames ggufNames() {
    Map<Part, String> parts = new EnumMap<>(Part.class);
    for (Part part : names.parts().keySet()) {
      parts.put(part, gguf.names.getOrDefault(part, part.gguf()));
    }
    return new TensorNames("", "blk.", parts);
  }
}
