package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.constraint.ResponseFormats;
import io.fundamentallm.webservice.model.Models;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.IdentityHashMap;
import org.springframework.stereotype.Component;

/** One reader of requests for each model in memory. Thread-safe. */
@Component
public final class RequestReaders implements AutoCloseable {
  private final ResponseFormats formats;
  private final ServiceSettings settings;

  /** Guarded by this. */
  private final IdentityHashMap<ServedModel, ModelRequests> readers = new IdentityHashMap<>();

  RequestReaders(Models models, ResponseFormats formats, ServiceSettings settings) {
    this.formats = formats;
    this.settings = settings;
    of(models.first()); // what has to be done once is done before the first request
    models.onUnload(this::forget);
  }

  /** The reader for a model that is in use. */
  public synchronized ModelRequests of(ServedModel model) {
    return readers.computeIfAbsent(model, its -> new ModelRequests(its, formats, settings));
  }

  private synchronized void forget(ServedModel model) {
    ModelRequests reader = readers.remove(model);
    if (reader != null) {
      reader.close();
    }
  }

  @Override
  public synchronized void close() {
    readers.values().forEach(ModelRequests::close);
    readers.clear();
  }
}
