Feature: Paying on the gateway's own page
  Whoever is on the gateway's page may pay, give up, come back or stay away, in any tab and any
  order: there is one outcome, nobody is charged twice and nothing is lost.

  Background:
    Given learners pay on the gateway's own page
    And the shop sells the run "6.86x-1T2027" for $39.33 with 1 seat
    And ada puts "6.86x-1T2027" in her basket
    And ada checks out

  Scenario: Paid there
    When ada goes to the payment page
    Then ada's order waits for payment
    When ada pays there by a good card
    Then ada's order is paid
    And $39.33 was charged
    And ada's receipt says "$39.33"

  Scenario: Told twice, by the browser and by the gateway
    When ada goes to the payment page
    And ada pays there by a good card
    And the gateway tells how it went
    And the gateway tells how it went
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Declined there, then another card
    When ada goes to the payment page
    And ada pays there by an empty card
    Then ada's order waits for another card
    When ada goes to the payment page
    And ada pays there by a good card
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Given up in one tab, and paid in another
    When ada goes to the payment page
    And ada opens it in a second tab
    And ada gives up there
    Then ada's order waits for payment
    When ada pays in the second tab by a good card
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Paid, and nobody ever says so
    When ada goes to the payment page
    And ada pays there by a good card, and does not come back
    And 6 minutes pass
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Whoever has paid and asks again for the way there is not sent to pay twice
    When ada goes to the payment page
    And ada pays there by a good card, and does not come back
    And 1 minute passes
    And ada goes to the payment page
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Whoever asks again after a while goes on with the same payment
    When ada goes to the payment page
    And 12 minutes pass
    And ada goes to the payment page
    And ada pays there by a good card
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Cancelling what was paid there finds it paid
    When ada goes to the payment page
    And ada pays there by a good card, and does not come back
    And 1 minute passes
    And ada cancels her order
    Then ada's order is paid

  Scenario: The gateway tells after the order was given up, and it can still be delivered
    When ada goes to the payment page
    And the gateway forgets what it knows
    And ada pays there by a good card, and does not come back
    And 45 minutes pass
    And the clock does its work
    Then ada's order has expired
    When the gateway tells how it went
    Then ada's order is paid
    And nothing was given back

  Scenario: The gateway tells after somebody else took the last seat
    When ada goes to the payment page
    And the gateway forgets what it knows
    And ada pays there by a good card, and does not come back
    And 45 minutes pass
    And the clock does its work
    And bob puts "6.86x-1T2027" in his basket
    And bob checks out
    And the gateway tells how it went
    Then ada's order has expired
    And ada's order needs attention
    When the clock does its work
    Then $39.33 was given back

  Scenario: A message that the gateway did not send changes nothing
    When ada goes to the payment page
    And ada says that she has paid there
    Then the shop refuses, because "cannot be believed"
    And ada's order waits for payment
    And nothing was charged
