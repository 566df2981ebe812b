@core @http @command-line
Feature: The payment gateway's hosted page
  A learner on the hosted page can pay, cancel, return or not, in any tab: there is one outcome.

  Background:
    Given learners pay on the payment gateway's hosted page
    And the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And Ada adds "6.86x-1T2027" to her basket
    And Ada checks out

  Rule: The result counts once, whether the browser or the payment gateway reports it

    @PAY-24
    Scenario: A payment on the hosted page makes the order paid
      When Ada goes to the hosted page
      Then Ada's order is awaiting payment
      When Ada pays there with a valid card
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's receipt shows "$39.33"

    @PAY-25
    Scenario: A result that is reported three times counts once
      When Ada goes to the hosted page
      And Ada pays there with a valid card
      And the payment gateway's notification arrives
      And the payment gateway's notification arrives
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-26
    Scenario: The learner pays with another card after a decline
      When Ada goes to the hosted page
      And Ada pays there with a card that is declined for insufficient funds
      Then Ada's order is awaiting another card
      When Ada goes to the hosted page
      And Ada pays there with a valid card
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-27
    Scenario: A payment counts although another tab was cancelled
      When Ada goes to the hosted page
      And Ada opens the hosted page in a second tab
      And Ada cancels on the hosted page
      Then Ada's order is awaiting payment
      When Ada pays in the second tab with a valid card
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-28
    Scenario: The scheduled payment check finds a payment that nobody reported
      When Ada goes to the hosted page
      And Ada pays there with a valid card and does not return to the shop
      And 6 minutes pass
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

  Rule: A learner who has paid is not sent to the hosted page again

    @PAY-29
    Scenario: A learner who has paid sees the order paid
      When Ada goes to the hosted page
      And Ada pays there with a valid card and does not return to the shop
      And 1 minute passes
      And Ada goes to the hosted page
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-30
    Scenario: A learner who has not paid continues the same payment
      When Ada goes to the hosted page
      And 12 minutes pass
      And Ada goes to the hosted page
      And Ada pays there with a valid card
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-31
    Scenario: Cancelling an order that turns out to be paid leaves it paid
      When Ada goes to the hosted page
      And Ada pays there with a valid card and does not return to the shop
      And 1 minute passes
      And Ada cancels her order
      Then Ada's order is paid

  Rule: A payment that is reported late is applied if the seat is still free, and refunded otherwise

    @PAY-32
    Scenario: A late payment with a free seat makes the order paid
      When Ada goes to the hosted page
      And the payment gateway has no record of the payment
      And Ada pays there with a valid card and does not return to the shop
      And 45 minutes pass
      And the scheduled payment check runs
      Then Ada's order has expired
      When the payment gateway's notification arrives
      Then Ada's order is paid
      And nothing was refunded

    @PAY-33
    Scenario: A late payment without a free seat is refunded
      When Ada goes to the hosted page
      And the payment gateway has no record of the payment
      And Ada pays there with a valid card and does not return to the shop
      And 45 minutes pass
      And the scheduled payment check runs
      And Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      And the payment gateway's notification arrives
      Then Ada's order has expired
      And Ada's order needs attention
      When the scheduled payment check runs
      Then $39.33 was refunded

  Rule: Only a message signed by the payment gateway counts

    @PAY-34
    Scenario: A forged notification is refused and changes nothing
      When Ada goes to the hosted page
      And Ada sends a forged notification of payment
      Then the shop refuses with the message "cannot be believed"
      And Ada's order is awaiting payment
      And nothing was charged
