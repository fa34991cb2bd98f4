package io.fundamentallm.webservice;

import io.fundamentallm.webservice.error.Failures;
import io.fundamentallm.webservice.settings.ServiceSettings;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Starts the service. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(ServiceSettings.class)
public class WebService {
  /** Runs until it is ended. */
  public static void main(String[] arguments) {
    Failures.logDropped();
    SpringApplication.run(WebService.class, arguments);
  }
}
