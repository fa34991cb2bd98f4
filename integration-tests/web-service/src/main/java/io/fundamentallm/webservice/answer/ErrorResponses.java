package io.fundamentallm.webservice.answer;

import static java.util.stream.Collectors.joining;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.error.ErrorBody;
import io.fundamentallm.webservice.error.Failures;
import io.fundamentallm.webservice.error.RequestFailure;
import io.fundamentallm.webservice.json.JsonBodies;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.handler.ExceptionHandlingWebHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/**
 * Answers every error in OpenAI's form, including those of the framework. What was wrong with a
 * request is not logged. For an error of the service, its kind and place are logged, but not its
 * message, which may contain what a user typed.
 */
@Component
@Order(-2) // before Spring Boot's own
final class ErrorResponses implements WebExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);

  private final Addresses addresses;

  ErrorResponses(Addresses addresses) {
    this.addresses = addresses;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable thrown) {
    ServerHttpResponse response = exchange.getResponse();
    if (response.isCommitted()) {
      // cuts the connection: nobody mistakes a part for the whole; of hang-ups the framework knows
      // one kind as such
      return Mono.error(Failures.isHangUp(thrown) ? new AbortedException(thrown) : thrown);
    }
    if (Failures.isHangUp(thrown)) {
      return Mono.empty(); // the client hung up in the middle of its request
    }
    Throwable error = ApiException.meaning(thrown);
    keepOutOfSpan(exchange, error);
    if (error instanceof ApiException ours) {
      if (ours.status() == HttpStatus.TOO_MANY_REQUESTS
          || ours.status() == HttpStatus.SERVICE_UNAVAILABLE) {
        response.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
      }
      if (ours.status() == HttpStatus.UNAUTHORIZED) {
        response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      }
      return write(response, ours.status(), body(exchange, ours));
    } else if (error instanceof ErrorResponse framework
        && framework.getStatusCode().is4xxClientError()) {
      framework.getHeaders().forEach((name, values) -> response.getHeaders().put(name, values));
      return write(response, framework.getStatusCode(), body(exchange, framework));
    }
    Failures.log(LOG, error);
    return write(response, HttpStatus.INTERNAL_SERVER_ERROR, body(exchange, error));
  }

  /**
   * The framework would write the error's message into the request's span. A refused request does
   * not mark it as failed; the meter still has the error's class as a tag.
   */
  private static void keepOutOfSpan(ServerWebExchange exchange, Throwable error) {
    Map<String, Object> attributes = exchange.getAttributes();
    if (refusal(error)) {
      attributes.remove(ExceptionHandlingWebHandler.HANDLED_WEB_EXCEPTION);
      ServerRequestObservationContext.findCurrent(attributes)
          .ifPresent(request -> request.setError(error));
    } else {
      attributes.put(ExceptionHandlingWebHandler.HANDLED_WEB_EXCEPTION, new RequestFailure(error));
    }
  }

  private static boolean refusal(Throwable error) {
    if (error instanceof ApiException ours) {
      return ours.status().is4xxClientError();
    }
    return error instanceof ErrorResponse framework && framework.getStatusCode().is4xxClientError();
  }

  /** As the interface has it that was called. */
  private static Object body(ServerWebExchange exchange, Throwable error) {
    return exchange.getRequest().getPath().value().startsWith("/v1/messages")
        ? ErrorBody.messages(error)
        : ErrorBody.of(error);
  }

  private Object body(ServerWebExchange exchange, ErrorResponse error) {
    HttpStatus status = HttpStatus.resolve(error.getStatusCode().value());
    String name = status == null ? "invalid_request" : status.name().toLowerCase(Locale.ROOT);
    String path = exchange.getRequest().getPath().value();
    String request = exchange.getRequest().getMethod() + " " + path;
    String message =
        status == HttpStatus.NOT_FOUND
            ? "there is nothing at this address: "
                + request
                + addresses.nearest(path).map(other -> "; did you mean " + other + "?").orElse("")
            : "this cannot be served: " + request + ": " + name.replace('_', ' ') + allowed(error);
    return body(
        exchange,
        new ApiException(
            status == null ? HttpStatus.BAD_REQUEST : status,
            "invalid_request_error",
            null,
            name,
            message));
  }

  /** The methods that go, where another does not. */
  private static String allowed(ErrorResponse error) {
    Set<HttpMethod> methods = error.getHeaders().getAllow();
    return methods.isEmpty()
        ? ""
        : "; use " + methods.stream().map(HttpMethod::name).sorted().collect(joining(" or "));
  }

  private static Mono<Void> write(ServerHttpResponse response, HttpStatusCode status, Object body) {
    byte[] json = JsonBodies.write(body);
    response.setStatusCode(status);
    response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
    response.getHeaders().setContentLength(json.length);
    return response.writeWith(Mono.just(response.bufferFactory().wrap(json)));
  }
}
