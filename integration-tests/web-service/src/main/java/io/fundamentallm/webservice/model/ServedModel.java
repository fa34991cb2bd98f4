package io.fundamentallm.webservice.model;

import io.fundamentallm.TextGenerator;

/**
 * A model in memory.
 *
 * @param name what clients call it
 * @param generator with the sampler and the decoder that apply if a request names none
 * @param created when it was loaded, in seconds since 1970
 * @param fingerprint changes with the files of the model, and with the settings that may change the
 *     text for a seed
 */
public record ServedModel(String name, TextGenerator generator, long created, String fingerprint)
    implements AutoCloseable {
  @Override
  public void close() {
    generator.close();
  }
}
