package com.ytempire.platform;

/**
 * What an earlier platform set up in n8n, and what whoever used the editor since may have changed.
 */
final class EarlierN8n {
  private EarlierN8n() {}

  /**
   * Signs in, and lets the credential lead to the sidecar that runs now.
   *
   * @throws IllegalStateException with what is missing, if the owner has another password, or the
   *     credential or the sync workflow is gone
   */
  static void takeOver(N8n n8n, PlatformState.N8nSetup setup, String sidecarUrl)
      throws InterruptedException {
    if (!n8n.signIn()) {
      throw new IllegalStateException(
          "n8n does not let %s sign in with the demo's password; it was changed in the editor."
              .formatted(N8n.EMAIL));
    }
    try {
      n8n.updateCredential(setup.credential(), sidecarUrl, setup.serviceToken());
    } catch (Http.UnexpectedAnswer e) {
      throw new IllegalStateException(
          "n8n does not take the credential YTEMPIRE; was it deleted in the editor? "
              + e.getMessage(),
          e);
    }
    if (!n8n.hasWorkflow(setup.syncWorkflow())) {
      throw new IllegalStateException(
          "n8n has no sync workflow %s; it was deleted or archived in the editor."
              .formatted(setup.syncWorkflow()));
    }
  }
}
