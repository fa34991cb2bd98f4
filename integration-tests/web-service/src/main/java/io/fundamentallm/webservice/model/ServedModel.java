package io.fundamentallm.webservice.model;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.webservice.error.ApiException;
import org.springframework.http.HttpStatus;

/**
 * The model that is served.
 *
 * @param name what clients call it
 * @param generator with the sampler and the decoder that apply if a request names none
 * @param created when it was loaded, in seconds since 1970
 * @param fingerprint changes with the files of the model, and with the settings that may change the
 *     text for a seed
 */
public record ServedModel(String name, TextGenerator generator, long created, String fingerprint) {
  /**
   * Refuses other models.
   *
   * @throws ApiException if the name is not this model's
   */
  public void require(String asked) {
    if (!asked.equals(name)) {
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "invalid_request_error",
          "model",
          "model_not_found",
          "the model '" + asked + "' does not exist; here is '" + name + "', and no other");
    }
  }
}
