package io.fundamentallm.webservice.answer;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.request.ModelRequests;
import java.util.concurrent.CancellationException;

/** How the answer to a request is computed that is one object, at once. Thread-safe. */
@FunctionalInterface
public interface Computation {
  /**
   * Computes it.
   *
   * @param requests reads what is asked of the model
   * @param cancellation whether the client has hung up, or the time is over
   * @throws CancellationException soon after that is so
   */
  Object compute(ModelRequests requests, Fields fields, Cancellation cancellation);
}
