package io.fundamentallm;

import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.spi.TrainerProvider;

/**
 * The artifact that usually contains a part.
 *
 * @param provider one of its providers: if that is found, the artifact is there
 */
record Artifact(String artifact, String provider) {
  /** The one with a part of this kind and name. */
  static Artifact of(Class<? extends Provider> kind, String name) {
    if (kind == TokenizerProvider.class) {
      return new Artifact("fundamentallm-tokenizers", "huggingface");
    } else if (kind == LanguageModelProvider.class
        && (name.equals("gpu") || Providers.isOfOnnxRuntime(name))) {
      return new Artifact("fundamentallm-runtime-gpu", "gpu");
    } else if (kind == LanguageModelProvider.class || kind == TrainerProvider.class) {
      return new Artifact("fundamentallm-runtime-cpu", "cpu");
    }
    return new Artifact(
        "fundamentallm-samplers", kind == DecoderProvider.class ? "beam" : "temperature");
  }
}
