package io.fundamentallm.runtime.cpu.reference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model to judge the runtime with.
 *
 * @param name a sentence
 * @param model its settings, and its weights as the files give them back
 * @param unlike the same weights under settings that a misreading would give: other logits
 * @param storage writes its files
 */
record Case(String name, HuggingFaceModel model, List<HuggingFaceModel> unlike, Storage storage) {

  /** Writes a model into an empty directory. */
  interface Storage {
    void write(HuggingFaceModel model, Path directory) throws IOException;
  }

  static Case huggingFace(String name, RandomModel model) {
    return stored(name, model.build(), Precision.F32);
  }

  static Case huggingFace(String name, Precision precision, RandomModel model) {
    return stored(name, model.build().rounded(precision), precision);
  }

  private static Case stored(String name, HuggingFaceModel model, Precision precision) {
    return new Case(
        name, model, List.of(), (m, into) -> HuggingFaceFiles.write(m, precision, into));
  }

  static Case sharded(String name, Precision precision, int shards, RandomModel model) {
    return new Case(
        name,
        model.build().rounded(precision),
        List.of(),
        (m, into) -> HuggingFaceFiles.writeShards(m, precision, shards, into));
  }

  static Case gguf(String name, Precision precision, RandomModel model) {
    return gguf(name, 3, precision, model);
  }

  static Case gguf(String name, int version, Precision precision, RandomModel model) {
    return new Case(
        name,
        GgufConversion.rounded(model.build(), precision),
        List.of(),
        (m, into) -> {
          GgufFile file = GgufConversion.convert(m, precision);
          int size = m.size("vocab_size");
          List<String> tokens = new ArrayList<>();
          int[] types = new int[size];
          for (int id = 0; id < size; id++) {
            tokens.add("token" + id);
            types[id] = id < 3 ? 3 : 1;
          }
          GgufConversion.tokenizer(file, "gpt2", tokens, new float[size], types);
          file.write(version, into.resolve("model.gguf"));
        });
  }

  /** Remembers what a reader would compute that takes a setting for this value. */
  Case unlike(String key, Object value) {
    List<HuggingFaceModel> more = new ArrayList<>(unlike);
    more.add(model.with(key, value));
    return new Case(name, model, List.copyOf(more), storage);
  }

  @Override
  public String toString() {
    return name;
  }
}
