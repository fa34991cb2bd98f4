package io.fundamentallm.webservice;

import io.fundamentallm.TextGenerator;

/**
 * The model that is served.
 *
 * @param name what clients call it
 * @param generator with the sampler and the decoder that apply where a request names none
 * @param created when it was loaded, in seconds since 1970
 * @param fingerprint changes with whatever may change the text that a seed gives
 */
record ServedModel(String name, TextGenerator generator, long created, String fingerprint) {
  /**
   * Refuses other models.
   *
   * @throws ApiException where the name is another one's
   */
  void require(String asked) {
    if (!asked.equals(name)) {
      throw new ApiException(
          org.springframework.http.HttpStatus.NOT_FOUND,
          "invalid_request_error",
          "model",
          "model_not_found",
          "the model '" + asked + "' does not exist; here is '" + name + "', and no other");
    }
  }
}
