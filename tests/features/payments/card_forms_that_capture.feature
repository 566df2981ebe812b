@core @http @command-line
Feature: Card forms that capture the payment themselves
  The payment can happen where the shop does not see it, so the shop asks the payment gateway until it knows.

  Background:
    Given the card form captures the payment itself
    And the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And Ada adds "6.86x-1T2027" to her basket
    And Ada checks out

  Rule: The shop finds out about each payment, even if the tab is closed

    @PAY-11
    Scenario: The scheduled payment check finds the payment
      When Ada pays with a valid card
      And 1 minute passes
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged
      And Ada's basket is empty

    @PAY-12
    Scenario: A form that is submitted twice charges once
      When Ada pays with a valid card and submits the form twice
      And 1 minute passes
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-13
    Scenario: The learner pays with another card after a decline
      When Ada pays with a card that is declined for insufficient funds
      And 1 minute passes
      And the scheduled payment check runs
      Then Ada's order is awaiting another card
      And nothing was charged
      When Ada pays with a valid card
      And 1 minute passes
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-14
    Scenario: The payment is found after the tab was closed
      When Ada pays with a valid card and closes the tab at once
      Then Ada's order is awaiting payment
      When 5 minutes pass
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-15
    Scenario: The payment is found when the learner comes back to pay
      When Ada pays with a valid card and closes the tab at once
      And 1 minute passes
      And Ada tries to pay again
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-16
    Scenario: The payment is found when the learner comes back to cancel
      When Ada pays with a valid card and closes the tab at once
      And 1 minute passes
      And Ada cancels her order
      Then Ada's order is paid

  Rule: An unattended form does not block the learner

    @PAY-17
    Scenario: A form that was left can be used again
      When Ada opens the card form and leaves it unattended
      And 10 minutes pass
      And Ada pays with a valid card
      And 1 minute passes
      And the scheduled payment check runs
      Then Ada's order is paid

    @PAY-18
    Scenario: An order with an unattended form can be cancelled
      When Ada opens the card form and leaves it unattended
      And Ada cancels her order
      Then Ada's order is cancelled
      When Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $39.33

    @PAY-19
    Scenario: An order with an unattended form expires
      When Ada opens the card form and leaves it unattended
      And 31 minutes pass
      And the scheduled payment check runs
      Then Ada's order has expired

  Rule: A payment in a form of a cancelled order is applied if the seat is still free, and refunded otherwise

    @PAY-20
    Scenario: A late payment with a free seat makes the order paid
      When Ada opens the card form and leaves it unattended
      And Ada cancels her order
      And Ada pays in the card form that she left open
      And 5 minutes pass
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-21
    Scenario: A late payment without a free seat is refunded
      When Ada opens the card form and leaves it unattended
      And Ada cancels her order
      And Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      And Ada pays in the card form that she left open
      And 5 minutes pass
      And the scheduled payment check runs
      Then Ada's order is cancelled
      And Ada's order needs attention
      When the scheduled payment check runs
      Then $39.33 was refunded

  Rule: A new form is opened, or an order cancelled, only when the old form cannot have been paid

    @PAY-22
    Scenario: A form that has just expired is not replaced at once
      When Ada opens the card form and leaves it unattended
      And 15 minutes pass
      And Ada pays with a valid card
      Then the shop refuses with the message "has just expired"
      When 1 minute passes
      And Ada pays with a valid card
      And 1 minute passes
      And the scheduled payment check runs
      Then Ada's order is paid
      And $39.33 was charged

    @PAY-23
    Scenario: Cancelling is refused while the payment gateway is unavailable
      When Ada opens the card form and leaves it unattended
      And the payment gateway is unavailable
      And Ada cancels her order
      Then the shop refuses with the message "We are still checking with the payment service"
      And Ada's order is awaiting payment
