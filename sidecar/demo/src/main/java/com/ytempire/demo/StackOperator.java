package com.ytempire.demo;

import com.ytempire.platform.Customers;
import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import com.ytempire.simulator.World;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** The operator of a stack in containers, who sets up users, n8n and its workflow. */
record StackOperator(N8n n8n, String workflowId) {
  static final String SIDECAR = "http://sidecar:8080";
  private static final String N8N = "http://n8n:5678";

  /**
   * Creates all users of a world, connects their channels, and brings the workflow and a credential
   * for it into an n8n without an owner. Prints the credential's test.
   *
   * @param workflow the file of the sync
   */
  static StackOperator setUp(World world, String operatorToken, Path workflow)
      throws InterruptedException, ExecutionException {
    Http operator = new Http(SIDECAR, operatorToken);
    Customers.onboardAll(operator, world);
    String serviceToken =
        operator
            .post(
                "/v1/tokens",
                Http.map("kind", "service", "name", "n8n", "scopes", List.of("read", "sync")))
            .get("token")
            .stringValue();
    N8n n8n = N8n.at(N8N);
    n8n.createOwner();
    String credential = n8n.createCredential(SIDECAR, serviceToken);
    System.out.println(n8n.testCredential(credential, SIDECAR, serviceToken));
    return new StackOperator(n8n, n8n.importWorkflow(workflow, credential));
  }

  /** Starts the sync as the workflow's button does; returns the execution's id. */
  String sync() {
    return n8n.run(workflowId, "Run Now");
  }

  /** The ids of the executions of the sync that have not ended. */
  List<String> unfinished() {
    return n8n.unfinished(workflowId);
  }
}
